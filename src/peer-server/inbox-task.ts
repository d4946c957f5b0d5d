import { TaskState } from '@a2a-js/sdk';
import { taskJson, type StatusWords } from '../a2a/task.ts';
import type { InboxState } from '../core/inbox.ts';
import type { InboxMessage } from '../ports/messages.ts';
import { HELD_WORDS, OUTCOME_WORDS, refusedWords } from './outcome-words.ts';

const STATES: Readonly<Record<InboxState, TaskState>> = {
  held: TaskState.TASK_STATE_SUBMITTED,
  accepted: TaskState.TASK_STATE_SUBMITTED,
  running: TaskState.TASK_STATE_WORKING,
  'reply-held': TaskState.TASK_STATE_WORKING,
  replied: TaskState.TASK_STATE_COMPLETED,
  failed: TaskState.TASK_STATE_FAILED,
  uncertain: TaskState.TASK_STATE_FAILED,
  refused: TaskState.TASK_STATE_REJECTED,
  expired: TaskState.TASK_STATE_REJECTED,
  cancelled: TaskState.TASK_STATE_CANCELED,
};

function statusOf({ state, hold, note }: InboxMessage): StatusWords | null {
  switch (state) {
    case 'held':
      return { told: { held: hold ?? 'grant' }, text: HELD_WORDS.held };
    case 'reply-held':
      return { told: { held: 'reply' }, text: HELD_WORDS['reply-held'] };
    case 'refused':
      return { told: { outcome: state, ...(note === null ? {} : { note }) }, text: refusedWords(note) };
    case 'failed':
    case 'uncertain':
    case 'expired':
      return { told: { outcome: state }, text: OUTCOME_WORDS[state] };
    case 'accepted':
    case 'running':
    case 'replied':
    case 'cancelled':
      return null;
  }
}

/** An inbound message as its sender may see it: ids, state and reply, nothing of the session it went to. */
export function inboxTask(message: InboxMessage): unknown {
  return taskJson({
    id: message.taskId,
    conversation: message.conversation,
    state: STATES[message.state],
    updatedAt: message.updatedAt,
    status: statusOf(message),
    reply: message.state === 'replied' ? message.reply : null,
    isErased: message.erasedAt !== null,
  });
}
