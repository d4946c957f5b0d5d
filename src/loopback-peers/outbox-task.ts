import { TaskState } from '@a2a-js/sdk';
import { taskJson, type StatusWords } from '../a2a/task.ts';
import { waitingOf } from '../core/hold.ts';
import { isFinalOutboxState, type OutboxState } from '../core/outbox.ts';
import { secretWarnings } from '../core/secret-words.ts';
import type { OutboxMessage } from '../ports/messages.ts';

const STATES: Readonly<Record<OutboxState, TaskState>> = {
  held: TaskState.TASK_STATE_SUBMITTED,
  queued: TaskState.TASK_STATE_SUBMITTED,
  accepted: TaskState.TASK_STATE_WORKING,
  'reply-held': TaskState.TASK_STATE_WORKING,
  answered: TaskState.TASK_STATE_COMPLETED,
  refused: TaskState.TASK_STATE_REJECTED,
  expired: TaskState.TASK_STATE_REJECTED,
  failed: TaskState.TASK_STATE_FAILED,
  uncertain: TaskState.TASK_STATE_FAILED,
  cancelled: TaskState.TASK_STATE_CANCELED,
};

/** What a client that cannot see the state itself has to be told about the end of a message. */
const ENDED = {
  refused: 'It was refused',
  expired: 'Its time was over',
  failed: 'The agent of the peer did not answer it',
  uncertain: 'It cannot be proved whether the agent of the peer saw it, so it was not sent again',
  cancelled: 'It was taken back',
} as const;

function sentence(words: string, detail: string | null): string {
  return detail === null ? `${words}.` : `${words}: ${detail}.`;
}

/** Why there is no reply yet, and what has to happen. */
function waitingWords(message: OutboxMessage): StatusWords | null {
  const waiting = waitingOf(message);
  if (waiting === null) return null;
  const { place, what, reason } = waiting;
  const where = place === 'here' ? 'here' : 'at the receiving stack';
  const text = `A person ${where} has to look at ${what === 'reply' ? 'the reply' : 'this message'} first (${reason}).`;
  return { told: { held: what === 'reply' ? 'reply' : reason }, text };
}

function statusOf(message: OutboxMessage): StatusWords | null {
  const { state, reason, detail } = message;
  switch (state) {
    case 'held':
    case 'accepted':
    case 'reply-held':
      return waitingWords(message);
    case 'queued':
      return detail === null
        ? null
        : { told: null, text: sentence('It waits for the peer, and is tried again', detail) };
    case 'refused': {
      const told = { outcome: state, ...(reason === null ? {} : { reason }) };
      const words = reason === 'hold-refused' ? 'A person refused it' : ENDED.refused;
      return { told, text: sentence(words, detail) };
    }
    case 'expired':
    case 'failed':
    case 'uncertain':
      return { told: { outcome: state }, text: sentence(ENDED[state], detail) };
    case 'cancelled':
      return { told: null, text: sentence(ENDED.cancelled, detail) };
    case 'answered':
      return null;
  }
}

/** A client that shows a person no metadata shows them this; beside a reply it could pass for the peer's words. */
function warned(
  status: StatusWords | null,
  { state }: OutboxMessage,
  warnings: readonly string[],
): StatusWords | null {
  if (warnings.length === 0 || isFinalOutboxState(state)) return status;
  const sentences = warnings.map((warning) => `${warning}.`);
  if (status === null) return { told: null, text: sentences.join(' ') };
  return { ...status, text: [status.text, ...sentences].join(' ') };
}

/** A message of ours as the local client that sent it sees it. Its id here is the task's, and the peer's task stays unseen. */
export function outboxTask(message: OutboxMessage): unknown {
  const warnings = secretWarnings(message.text, message.content);
  return taskJson({
    id: message.id,
    conversation: message.conversation,
    state: STATES[message.state],
    updatedAt: message.updatedAt,
    status: warned(statusOf(message), message, warnings),
    reply: message.state === 'answered' ? message.reply : null,
    isErased: message.erasedAt !== null,
    warnings,
  });
}
