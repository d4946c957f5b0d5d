import { Role, Task, TaskState, type Artifact, type Message, type Part } from '@a2a-js/sdk';
import type { HoldReason } from '../core/hold.ts';
import { ANSWER_LIMIT_BYTES, MESSAGE_EXTENSION, type TaskOutcome } from '../core/peer-wire.ts';

/** Room for what stands around the task in an answer. */
const ENVELOPE_BYTES = 1024;

export const ERASED = 'This message was answered, and the reply has been erased since.';

export const TOO_LARGE = 'The receiving agent answered more than one answer can carry.';

/** Our own fields of a status message. */
export type Told =
  | { readonly outcome: TaskOutcome; readonly note?: string; readonly reason?: string }
  | { readonly held: HoldReason | 'reply' };

/** What is told beside the state, where that alone would not say how things are. */
export interface StatusWords {
  readonly text: string;
  /** Null where A2A's own state says it. */
  readonly told: Told | null;
}

/** A message as a task: what either surface that takes messages has to say about one. */
export interface TaskView {
  readonly id: string;
  readonly conversation: string;
  readonly state: TaskState;
  readonly updatedAt: number;
  readonly status: StatusWords | null;
  /** Null while there is none, and for a silent answer. */
  readonly reply: string | null;
  readonly isErased: boolean;
  /** About what looks like a secret in the message, for who sent it; left out where that is nobody here. */
  readonly warnings?: readonly string[];
}

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

function statusMessage({ id, conversation }: TaskView, { told, text }: StatusWords): Message {
  return {
    messageId: `${id}:status`,
    contextId: conversation,
    taskId: id,
    role: Role.ROLE_AGENT,
    parts: [textPart(text)],
    metadata: told === null ? undefined : { [MESSAGE_EXTENSION]: told },
    extensions: told === null ? [] : [MESSAGE_EXTENSION],
    referenceTaskIds: [],
  };
}

function task(view: TaskView): unknown {
  const { id, conversation: contextId, state, status, updatedAt, reply, warnings = [] } = view;
  return Task.toJSON({
    id,
    contextId,
    status: {
      state,
      message: status === null ? undefined : statusMessage(view, status),
      timestamp: new Date(updatedAt).toISOString(),
    },
    artifacts: reply === null ? [] : [replyArtifact(reply)],
    history: [],
    metadata: warnings.length === 0 ? undefined : { [MESSAGE_EXTENSION]: { warnings } },
  });
}

/**
 * A2A's task. A reply that no answer can carry, or that is erased, is told as a failure: who asks could otherwise ask for it
 * for ever, or take it for silence.
 */
export function taskJson(view: TaskView): unknown {
  const failed = (text: string) =>
    task({
      ...view,
      state: TaskState.TASK_STATE_FAILED,
      status: { told: { outcome: 'failed' }, text },
      reply: null,
    });
  if (view.isErased && view.reply !== null) return failed(ERASED);
  const whole = task(view);
  if (Buffer.byteLength(JSON.stringify(whole)) <= ANSWER_LIMIT_BYTES - ENVELOPE_BYTES) return whole;
  return failed(TOO_LARGE);
}
