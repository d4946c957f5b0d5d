import type { HoldReason } from './hold.ts';
import type { RefusalReason } from './refusal.ts';

/**
 * Where an outbound message stands. `held`: a person here has to look at it before it leaves. `accepted`: the peer has it
 * on its disk (the receipt). `reply-held`: its reply is here, and a person has to look at it first. `uncertain`: it cannot
 * be proved whether the peer ran it.
 */
export const OUTBOX_STATES = [
  'held',
  'queued',
  'accepted',
  'reply-held',
  'answered',
  'refused',
  'failed',
  'expired',
  'uncertain',
  'cancelled',
] as const;
export type OutboxState = (typeof OUTBOX_STATES)[number];

/** Why the peer did not take it: a refusal, `hold-refused` by a person there, or nothing that is known here. */
type Refused = RefusalReason | 'hold-refused' | 'unknown';

/** What an attempt, a person or the clock tells about a message. */
export type OutboxEvent =
  /** `held`: why a person at the peer has to look at it, or at its reply, first. */
  | { readonly kind: 'receipt'; readonly taskId: string; readonly held?: HoldReason | 'reply' | null }
  | {
      readonly kind: 'replied';
      readonly taskId: string;
      readonly reply: string | null;
      /** A person here has to look at the reply first, until this instant. */
      readonly holdUntil?: number | null;
    }
  | { readonly kind: 'refused'; readonly reason: Refused; readonly detail: string }
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'uncertain'; readonly detail: string }
  | { readonly kind: 'not-delivered'; readonly detail: string; readonly retryAfterMs?: number }
  | { readonly kind: 'expired' }
  | { readonly kind: 'approved' }
  /** A person here lets its chain begin anew, which the peer holds for its length. */
  | { readonly kind: 'released' }
  | { readonly kind: 'hold-refused'; readonly note: string | null }
  /** Taken back here, by a person, before there was a receipt. */
  | { readonly kind: 'cancelled' }
  /** The peer says that it was taken back there, before its agent saw it. */
  | { readonly kind: 'cancelled-there'; readonly taskId: string };

/** What is to be done for a message next. */
export type OutboxStep = 'ask-person' | 'hand-over' | 'ask-peer' | 'nothing';

const STEPS: Readonly<Record<OutboxState, OutboxStep>> = {
  held: 'ask-person',
  queued: 'hand-over',
  accepted: 'ask-peer',
  'reply-held': 'ask-person',
  answered: 'nothing',
  refused: 'nothing',
  failed: 'nothing',
  expired: 'nothing',
  uncertain: 'nothing',
  cancelled: 'nothing',
};

export function outboxStep(state: OutboxState): OutboxStep {
  return STEPS[state];
}

export function isFinalOutboxState(state: OutboxState): boolean {
  return STEPS[state] === 'nothing';
}

/** Nothing of it has left this machine as far as is known. */
export function isUnsent(state: OutboxState): boolean {
  return state === 'held' || state === 'queued';
}

/** What became of an attempt, or of the person's or the clock's word, in a state that it counts in. */
function target(event: OutboxEvent): OutboxState | null {
  switch (event.kind) {
    case 'receipt':
      return 'accepted';
    case 'replied':
      return (event.holdUntil ?? null) !== null && event.reply !== null ? 'reply-held' : 'answered';
    case 'refused':
    case 'failed':
    case 'uncertain':
    case 'expired':
    case 'cancelled':
      return event.kind;
    case 'cancelled-there':
      return 'cancelled';
    case 'hold-refused':
      return 'refused';
    case 'not-delivered':
    case 'approved':
    case 'released':
      return null;
  }
}

/** What an attempt brings that was under way does not count for what a person looks at. */
const OF_PERSON = new Set<OutboxEvent['kind']>(['approved', 'hold-refused']);

/** Whether the event changes anything about a message in this state; its state may stay the same. */
export function countsFor(state: OutboxState, { kind }: OutboxEvent): boolean {
  if (isFinalOutboxState(state)) return false;
  if (kind === 'cancelled') return isUnsent(state);
  if (kind === 'released') return state === 'accepted';
  if (kind === 'expired') return true;
  return OF_PERSON.has(kind) === (STEPS[state] === 'ask-person');
}

/**
 * The next state. A final state never changes; a receipt is never taken back by a later lost attempt; what waits for a
 * person goes on by that person's word or ends by the clock.
 */
export function nextOutboxState(state: OutboxState, event: OutboxEvent): OutboxState {
  if (!countsFor(state, event)) return state;
  if (event.kind === 'approved') return state === 'held' ? 'queued' : 'answered';
  return target(event) ?? state;
}
