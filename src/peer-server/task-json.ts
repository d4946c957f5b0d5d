import { Role, Task, TaskState, type Artifact, type Message, type Part } from '@a2a-js/sdk';
import type { InboxState } from '../core/inbox.ts';
import { ANSWER_LIMIT_BYTES, MESSAGE_EXTENSION, TASK_OUTCOMES, type TaskOutcome } from '../core/peer-wire.ts';
import type { InboxMessage } from '../ports/messages.ts';
import { ERASED, OUTCOME_WORDS, TOO_LARGE } from './outcome-words.ts';

/** Room for what stands around the task in an answer. */
const ENVELOPE_BYTES = 1024;

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

function textPart(value: string): Part {
  return { content: { $case: 'text', value }, metadata: undefined, filename: '', mediaType: '' };
}

function replyArtifact(text: string): Artifact {
  return {
    artifactId: 'reply',
    name: '',
    description: '',
    parts: [textPart(text)],
    metadata: undefined,
    extensions: [],
  };
}

function statusMessage(message: InboxMessage, outcome: TaskOutcome, text: string): Message {
  return {
    messageId: `${message.taskId}:status`,
    contextId: message.conversation,
    taskId: message.taskId,
    role: Role.ROLE_AGENT,
    parts: [textPart(text)],
    metadata: { [MESSAGE_EXTENSION]: { outcome } },
    extensions: [MESSAGE_EXTENSION],
    referenceTaskIds: [],
  };
}

function outcomeOf(state: InboxState): TaskOutcome | null {
  return (TASK_OUTCOMES as readonly string[]).includes(state) ? (state as TaskOutcome) : null;
}

function task(
  message: InboxMessage,
  state: TaskState,
  status: Message | undefined,
  reply: string | null,
): unknown {
  return Task.toJSON({
    id: message.taskId,
    contextId: message.conversation,
    status: { state, message: status, timestamp: new Date(message.updatedAt).toISOString() },
    artifacts: reply === null ? [] : [replyArtifact(reply)],
    history: [],
    metadata: undefined,
  });
}

/**
 * An inbound message as its sender may see it: ids, state and reply, nothing of the session it went to. A reply that
 * no answer can carry, or that is erased, is told as a failure: the sender could otherwise ask for it for ever, or take it
 * for silence.
 */
export function taskJson(message: InboxMessage): unknown {
  const failed = (words: string) =>
    task(message, TaskState.TASK_STATE_FAILED, statusMessage(message, 'failed', words), null);
  if (message.erasedAt !== null && message.state === 'replied' && message.reply !== null)
    return failed(ERASED);
  const outcome = outcomeOf(message.state);
  const status = outcome === null ? undefined : statusMessage(message, outcome, OUTCOME_WORDS[outcome]);
  const whole = task(
    message,
    STATES[message.state],
    status,
    message.state === 'replied' ? message.reply : null,
  );
  if (Buffer.byteLength(JSON.stringify(whole)) <= ANSWER_LIMIT_BYTES - ENVELOPE_BYTES) return whole;
  return failed(TOO_LARGE);
}
