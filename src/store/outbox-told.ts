import { nextOutboxState, type OutboxEvent, type OutboxState } from '../core/outbox.ts';
import type { OutboxMessage } from '../ports/messages.ts';

const EXPIRED = {
  unsent: 'its time to live was over before there was a receipt',
  sent: 'its time to live was over before the peer ran it',
  held: 'its time was over before a person looked at it',
  'reply-held': 'its time was over before a person looked at its reply',
} as const;

function expiredDetail({ state, taskId }: OutboxMessage): string {
  if (state === 'held' || state === 'reply-held') return EXPIRED[state];
  return EXPIRED[taskId === null ? 'unsent' : 'sent'];
}

const CANCELLED = {
  untried: 'it was cancelled here before it was handed over',
  tried:
    'it was cancelled here; the peer has it only if it came through in an attempt whose receipt was lost',
  there: 'the peer says that it was cancelled before its agent saw it',
} as const;

/** An attempt that told of no receipt may have brought the message all the same. */
function cancelledDetail({ attempts }: OutboxMessage): string {
  return CANCELLED[attempts === 0 ? 'untried' : 'tried'];
}

type Told = Pick<OutboxMessage, 'taskId' | 'reply' | 'reason' | 'detail' | 'peerHold'>;

function tell(message: OutboxMessage, event: OutboxEvent): Told {
  const { taskId, reply, reason, peerHold } = message;
  const before = { taskId, reply, reason, peerHold };
  switch (event.kind) {
    case 'receipt':
      return { ...before, taskId: event.taskId, peerHold: event.held ?? null, detail: null };
    case 'replied':
      return { ...before, taskId: event.taskId, reply: event.reply, peerHold: null, detail: null };
    case 'refused':
      return { ...before, reason: event.reason, peerHold: null, detail: event.detail };
    case 'failed':
    case 'uncertain':
      return { ...before, peerHold: null, detail: event.detail };
    case 'not-delivered':
      return { ...before, detail: event.detail };
    case 'expired':
      return { ...before, reply: null, peerHold: null, detail: expiredDetail(message) };
    case 'hold-refused':
      return { ...before, reply: null, reason: 'hold-refused', detail: event.note };
    case 'approved':
      return { ...before, detail: null };
    case 'released':
      return { ...before, peerHold: null, detail: null };
    case 'cancelled':
      return { ...before, detail: cancelledDetail(message) };
    case 'cancelled-there':
      return { ...before, taskId: event.taskId, peerHold: null, detail: CANCELLED.there };
  }
}

/** A person, or the clock, is no attempt. */
const NO_ATTEMPT = new Set<OutboxEvent['kind']>([
  'expired',
  'approved',
  'released',
  'hold-refused',
  'cancelled',
]);

function waiting(state: OutboxState, event: OutboxEvent) {
  if (state !== 'reply-held' || event.kind !== 'replied') return {};
  return { hold: 'grant' as const, holdUntil: event.holdUntil ?? null };
}

/** The message after an event that counts for it. */
export function applied(
  before: OutboxMessage,
  event: OutboxEvent,
  at: { readonly now: number; readonly nextAttemptAt: number },
): OutboxMessage {
  const state = nextOutboxState(before.state, event);
  return {
    ...before,
    ...tell(before, event),
    ...waiting(state, event),
    state,
    attempts: before.attempts + (NO_ATTEMPT.has(event.kind) ? 0 : 1),
    nextAttemptAt: at.nextAttemptAt,
    // Whatever it came to, that attempt is over.
    offeredAt: null,
    updatedAt: at.now,
    isReleased: before.isReleased || event.kind === 'approved' || event.kind === 'released',
  };
}
