import type { ReplyHold } from '../../src/core/hold.ts';
import type { InboxEvent, InboxState } from '../../src/core/inbox.ts';
import type { TaskId } from '../../src/core/message.ts';
import type { InboxMessage, InboxStore } from '../../src/ports/messages.ts';

/** Long after every `now` of the tests. */
const HOLD: ReplyHold = { reason: 'grant', until: 9_000_000_000_000 };
const BEGUN: InboxEvent = { kind: 'begun' };

export interface Ending {
  readonly now: number;
  readonly reply?: string | null;
  readonly detail?: string;
}

function turn(ending: Ending, hold: ReplyHold | null): InboxEvent {
  const { reply = null } = ending;
  return {
    kind: 'turn',
    outcome: reply === null ? { kind: 'silent' } : { kind: 'replied', text: reply },
    hold,
  };
}

/** How a message that was accepted comes into each state. */
function eventsTo(state: InboxState, ending: Ending): readonly InboxEvent[] {
  const { detail = 'it broke' } = ending;
  switch (state) {
    case 'held':
    case 'accepted':
      return [];
    case 'running':
      return [BEGUN];
    case 'replied':
      return [BEGUN, turn(ending, null)];
    case 'reply-held':
      return [BEGUN, turn({ reply: 'held', ...ending }, HOLD)];
    case 'refused':
      return [BEGUN, turn({ reply: 'held', ...ending }, HOLD), { kind: 'hold-refused', note: null }];
    case 'failed':
      return [BEGUN, { kind: 'turn', outcome: { kind: 'failed', detail }, hold: null }];
    case 'uncertain':
      return [BEGUN, { kind: 'look', trace: { kind: 'undecidable', detail }, hold: null }];
    case 'expired':
      return [{ kind: 'expired' }];
    case 'cancelled':
      return [{ kind: 'cancelled', detail: null }];
  }
}

/** Brings an accepted message into a state by the events that lead there. */
export function bringTo(
  inbox: Pick<InboxStore, 'apply' | 'find'>,
  id: string,
  state: InboxState,
  ending: Ending,
): InboxMessage {
  const taskId = id as TaskId;
  for (const event of eventsTo(state, ending)) inbox.apply(taskId, event, ending.now);
  const message = inbox.find(taskId);
  if (message === null) throw new Error(`no task ${id}`);
  return message;
}

/** Takes a message back, as its sender may. */
export function takeBack(inbox: Pick<InboxStore, 'apply'>, id: string, now: number): InboxMessage {
  return inbox.apply(id as TaskId, { kind: 'cancelled', detail: null }, now).message;
}
