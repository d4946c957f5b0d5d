/**
 * How two stacks become peers so that neither can deliver before both can. Each side keeps four facts, which only ever
 * become true, and tells the other what it needs of them. Repeating, losing or swapping what is told changes nothing.
 */
export interface PairingFacts {
  /** The other has given us the token that we are to present: without it this side could only be written to. */
  readonly hasToken: boolean;
  /** Our owner has seen who the other is, and agrees. */
  readonly ownConfirmed: boolean;
  /** The other's owner agrees. */
  readonly otherConfirmed: boolean;
  /** The other knows that both agree. */
  readonly otherReady: boolean;
}

/** What one side tells the other. `ready` is never true without `confirmed`. */
export interface PairingNews {
  readonly confirmed: boolean;
  readonly ready: boolean;
}

/**
 * `waiting`: for an owner, and given up when its time is over. `ready`: both agree, and the other may not know it yet; it
 * is never given up by itself, because the other may be complete already. `complete`: the other is ready or complete.
 */
export type PairingStage = 'waiting' | 'ready' | 'complete';

export function stageOf({ hasToken, ownConfirmed, otherConfirmed, otherReady }: PairingFacts): PairingStage {
  if (!hasToken || !ownConfirmed || !otherConfirmed) return 'waiting';
  return otherReady ? 'complete' : 'ready';
}

export function newsOf(facts: PairingFacts): PairingNews {
  return { confirmed: facts.ownConfirmed, ready: stageOf(facts) !== 'waiting' };
}

/** A side that is complete has no facts any more. */
export const COMPLETE_NEWS: PairingNews = { confirmed: true, ready: true };

export function hear(facts: PairingFacts, { confirmed, ready }: PairingNews): PairingFacts {
  return {
    ...facts,
    otherConfirmed: facts.otherConfirmed || confirmed || ready,
    otherReady: facts.otherReady || ready,
  };
}
