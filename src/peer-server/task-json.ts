import { Role, Task, TaskState, type Artifact, type Message, type Part } from '@a2a-js/sdk';
import type { HoldReason } from '../core/hold.ts';
import type { InboxState } from '../core/inbox.ts';
import { ANSWER_LIMIT_BYTES, MESSAGE_EXTENSION, type TaskOutcome } from '../core/peer-wire.ts';
import type { InboxMessage } from '../ports/messages.ts';
import { ERASED, HELD_WORDS, OUTCOME_WORDS, refusedWords, TOO_LARGE } from './outcome-words.ts';

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

/** Our own fields of a status message. */
type Told =
  { readonly outcome: TaskOutcome; readonly note?: string } | { readonly held: HoldReason | 'reply' };

function statusMessage(message: InboxMessage, told: Told, text: string): Message {
  return {
    messageId: `${message.taskId}:status`,
    contextId: message.conversation,
    taskId: message.taskId,
    role: Role.ROLE_AGENT,
    parts: [textPart(text)],
    metadata: { [MESSAGE_EXTENSION]: told },
    extensions: [MESSAGE_EXTENSION],
    referenceTaskIds: [],
  };
}

/** What is told beside the state, where that alone would not say how things are. */
function statusOf(message: InboxMessage): Message | undefined {
  const { state, hold, note } = message;
  switch (state) {
    case 'held':
      return statusMessage(message, { held: hold ?? 'grant' }, HELD_WORDS.held);
    case 'reply-held':
      return statusMessage(message, { held: 'reply' }, HELD_WORDS['reply-held']);
    case 'refused':
      return statusMessage(
        message,
        { outcome: state, ...(note === null ? {} : { note }) },
        refusedWords(note),
      );
    case 'failed':
    case 'uncertain':
    case 'expired':
      return statusMessage(message, { outcome: state }, OUTCOME_WORDS[state]);
    case 'accepted':
    case 'running':
    case 'replied':
    case 'cancelled':
      return undefined;
  }
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
    task(message, TaskState.TASK_STATE_FAILED, statusMessage(message, { outcome: 'failed' }, words), null);
  if (message.erasedAt !== null && message.state === 'replied' && message.reply !== null)
    return failed(ERASED);
  const whole = task(
    message,
    STATES[message.state],
    statusOf(message),
    message.state === 'replied' ? message.reply : null,
  );
  if (Buffer.byteLength(JSON.stringify(whole)) <= ANSWER_LIMIT_BYTES - ENVELOPE_BYTES) return whole;
  return failed(TOO_LARGE);
}
