import { z } from 'zod';
import { readNote, readPeerHold } from '../core/hold.ts';
import { MESSAGE_EXTENSION, TASK_OUTCOMES } from '../core/peer-wire.ts';

/** Other frameworks are peers too: what is not used is not looked at. */
const Parts = z.array(z.object({ text: z.string().optional() })).nullish();
const Id = z.string().regex(/^[\x21-\x7e]{1,256}$/);

/** What is no word of ours is as if it were not there, and the state alone counts. */
const Told = z.object({
  outcome: z.enum(TASK_OUTCOMES).optional().catch(undefined),
  note: z.string().transform(readNote).nullish().catch(null),
  held: z.string().transform(readPeerHold).optional().catch(undefined),
});

const StatusMessage = z.object({
  metadata: z.object({ [MESSAGE_EXTENSION]: Told.optional().catch(undefined) }).nullish(),
});

const Task = z.object({
  id: Id,
  status: z.object({ state: z.string(), message: StatusMessage.nullish() }),
  artifacts: z.array(z.object({ parts: Parts })).nullish(),
});
export type AnsweredTask = z.infer<typeof Task>;

/** An agent may answer with a message of its own instead of a task. */
const DirectMessage = z.object({ messageId: Id, taskId: Id.optional(), parts: Parts });

export const Result = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.string(),
  result: z.object({ task: Task.optional(), message: DirectMessage.optional() }),
});

/** To a question about a task, and to the wish to take it back: the task itself. */
export const TaskResult = z.object({ jsonrpc: z.literal('2.0'), id: z.string(), result: Task });

/** All text of these parts, in order; null when there is none. What is not text is left where it is: nothing is fetched. */
export function textOf(parts: z.infer<typeof Parts>): string | null {
  const texts = (parts ?? []).flatMap(({ text }) => text ?? []);
  return texts.length === 0 ? null : texts.join('\n');
}
