/**
 * Where an inbound message stands. `running`: handed to the gateway, perhaps. `uncertain`: nothing proves whether
 * the session saw it, so it is not run again. `cancelled`: by its sender, before it was handed over.
 */
export type InboxState =
  'accepted' | 'running' | 'replied' | 'failed' | 'expired' | 'uncertain' | 'cancelled';

/** How a turn in the gateway ended, or what a look at the session's history showed. */
export type TurnOutcome =
  | { readonly kind: 'replied'; readonly text: string }
  | { readonly kind: 'silent' }
  | { readonly kind: 'failed'; readonly detail: string }
  /** Surely not handed over: it may be run later. */
  | { readonly kind: 'not-sent'; readonly detail: string }
  /** Handed over, and then the connection was lost: look before sending again. */
  | { readonly kind: 'lost'; readonly detail: string };

/** What the session's history says of a turn that may have been handed over. */
export type TurnTrace =
  | { readonly kind: 'absent' }
  | { readonly kind: 'running' }
  | { readonly kind: 'replied'; readonly text: string }
  | { readonly kind: 'silent' }
  /** The turn ran, and ended without an answer: a model error, an abort. */
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'undecidable'; readonly detail: string };

const FINAL = new Set<InboxState>(['replied', 'failed', 'expired', 'uncertain', 'cancelled']);

export function isFinalInboxState(state: InboxState): boolean {
  return FINAL.has(state);
}

/** Only what the gateway cannot have seen yet can be taken back. */
export function isCancellable(state: InboxState): boolean {
  return state === 'accepted';
}

/** What the worker does next with a message. */
export type InboxStep = 'run' | 'look' | 'wait' | 'done';

/** After a restart nothing is known about a `running` message but that it may have been handed over. */
export function stepOf(state: InboxState): InboxStep {
  if (isFinalInboxState(state)) return 'done';
  return state === 'accepted' ? 'run' : 'look';
}

export interface InboxMove {
  readonly state: InboxState;
  readonly step: InboxStep;
}

export function afterTurn(outcome: TurnOutcome): InboxMove {
  switch (outcome.kind) {
    case 'replied':
    case 'silent':
      return { state: 'replied', step: 'done' };
    case 'failed':
      return { state: 'failed', step: 'done' };
    case 'not-sent':
      return { state: 'accepted', step: 'wait' };
    case 'lost':
      return { state: 'running', step: 'look' };
  }
}

/** `absent` is trusted only because the history that showed it was unbroken: the caller reports a gap as `undecidable`. */
export function afterLook(trace: TurnTrace): InboxMove {
  switch (trace.kind) {
    case 'absent':
      return { state: 'accepted', step: 'run' };
    case 'running':
      return { state: 'running', step: 'wait' };
    case 'replied':
    case 'silent':
      return { state: 'replied', step: 'done' };
    case 'failed':
      return { state: 'failed', step: 'done' };
    case 'undecidable':
      return { state: 'uncertain', step: 'done' };
  }
}
