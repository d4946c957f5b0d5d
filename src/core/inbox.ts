import type { ReplyHold } from './hold.ts';

/**
 * Where an inbound message stands. `held`: a person has to look at it before the gateway sees it. `running`: handed to
 * the gateway, perhaps. `reply-held`: the turn is over, and a person has to look at its reply before it leaves. `refused`:
 * that person said no. `uncertain`: nothing proves whether the session saw it, so it is not run again. `cancelled`: by its
 * sender, before it was handed over.
 */
export const INBOX_STATES = [
  'held',
  'accepted',
  'running',
  'reply-held',
  'replied',
  'refused',
  'failed',
  'expired',
  'uncertain',
  'cancelled',
] as const;
export type InboxState = (typeof INBOX_STATES)[number];

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

/** What a turn, a look, a person, the sender or the clock tells about a message. */
export type InboxEvent =
  /** Written before the gateway is asked: from here on it may have seen the message. */
  | { readonly kind: 'begun' }
  /** `hold`: a person has to look at a reply that has a text. */
  | { readonly kind: 'turn'; readonly outcome: TurnOutcome; readonly hold: ReplyHold | null }
  /** `absent` is trusted only because the history that showed it was unbroken: a gap is told as `undecidable`. */
  | { readonly kind: 'look'; readonly trace: TurnTrace; readonly hold: ReplyHold | null }
  | { readonly kind: 'approved' }
  | { readonly kind: 'hold-refused'; readonly note: string | null }
  | { readonly kind: 'cancelled'; readonly detail: string | null }
  | { readonly kind: 'expired' };

/** What is to be done for a message next. */
export type InboxStep = 'ask-person' | 'run' | 'look' | 'wait' | 'done';

/** After a restart nothing is known about a `running` message but that it may have been handed over. */
const STEPS: Readonly<Record<InboxState, InboxStep>> = {
  held: 'ask-person',
  accepted: 'run',
  running: 'look',
  'reply-held': 'ask-person',
  replied: 'done',
  refused: 'done',
  failed: 'done',
  expired: 'done',
  uncertain: 'done',
  cancelled: 'done',
};

export function stepOf(state: InboxState): InboxStep {
  return STEPS[state];
}

export function isFinalInboxState(state: InboxState): boolean {
  return STEPS[state] === 'done';
}

/** Nothing happens to it until its sender, or a person, does something: nobody gains by waiting. */
export function isAtRest(state: InboxState): boolean {
  return STEPS[state] === 'done' || STEPS[state] === 'ask-person';
}

/** Only what the gateway cannot have seen yet can be taken back. */
export function isCancellable(state: InboxState): boolean {
  return state === 'accepted' || state === 'held';
}

export interface InboxMove {
  readonly state: InboxState;
  readonly step: InboxStep;
}

const to = (state: InboxState, step = STEPS[state]): InboxMove => ({ state, step });

function afterTurn(outcome: TurnOutcome, isHeld: boolean): InboxMove {
  switch (outcome.kind) {
    case 'replied':
      return to(isHeld ? 'reply-held' : 'replied');
    case 'silent':
      return to('replied');
    case 'failed':
      return to('failed');
    case 'not-sent':
      return to('accepted', 'wait');
    case 'lost':
      return to('running');
  }
}

function afterLook(trace: TurnTrace, isHeld: boolean): InboxMove {
  switch (trace.kind) {
    case 'absent':
      return to('accepted');
    case 'running':
      return to('running', 'wait');
    case 'replied':
      return to(isHeld ? 'reply-held' : 'replied');
    case 'silent':
      return to('replied');
    case 'failed':
      return to('failed');
    case 'undecidable':
      return to('uncertain');
  }
}

function moved(state: InboxState, event: InboxEvent): InboxMove | null {
  switch (event.kind) {
    case 'begun':
      return state === 'accepted' ? to('running') : null;
    case 'turn':
      return state === 'running' ? afterTurn(event.outcome, event.hold !== null) : null;
    case 'look':
      return state === 'running' ? afterLook(event.trace, event.hold !== null) : null;
    case 'approved':
      if (state === 'held') return to('accepted');
      return state === 'reply-held' ? to('replied') : null;
    case 'hold-refused':
      return STEPS[state] === 'ask-person' ? to('refused') : null;
    case 'cancelled':
      return isCancellable(state) ? to('cancelled') : null;
    case 'expired':
      return state === 'running' ? null : to('expired');
  }
}

/**
 * The next state and what to do then; null where the event changes nothing: it came too late, or is about another step.
 * A final state never changes.
 */
export function nextInbox(state: InboxState, event: InboxEvent): InboxMove | null {
  return isFinalInboxState(state) ? null : moved(state, event);
}
