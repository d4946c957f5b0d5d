import { Failure, refusalWord } from '../a2a/failure.ts';
import { A2A_ERROR_CODE } from '@a2a-js/sdk/errors';
import { isPassing, isRefusalReason } from '../core/refusal.ts';
import type { TaskCancelled } from '../ports/delivery.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import { TaskResult } from './answer-shapes.ts';
import { decode } from './decode-answer.ts';
import type { PostAnswer } from './post.ts';
import { Undelivered } from './undelivered.ts';

/** Other frameworks say it by A2A's codes alone. */
const BY_CODE: ReadonlyMap<number, string> = new Map([
  [A2A_ERROR_CODE.TASK_NOT_CANCELABLE, 'task-not-cancelable'],
  [A2A_ERROR_CODE.TASK_NOT_FOUND, 'task-unknown'],
  [A2A_ERROR_CODE.UNSUPPORTED_OPERATION, 'operation-unsupported'],
  [A2A_ERROR_CODE.METHOD_NOT_FOUND, 'operation-unsupported'],
]);

/** What a peer's answer to the wish to take a message back means. Throws Undelivered for what is no answer to it. */
export function readCancelAnswer(
  { status, body }: PostAnswer,
  message: OutboxMessage,
  taskId: string,
): TaskCancelled {
  const json = decode(body);
  const failure = Failure.safeParse(json);
  if (failure.success) {
    const { code, data } = failure.data.error;
    const word = refusalWord(data) ?? BY_CODE.get(code) ?? 'unknown';
    if (isRefusalReason(word) && isPassing(word))
      return { kind: 'unreachable', detail: `${word}: the peer cannot do it now` };
    return { kind: 'refused', reason: isRefusalReason(word) ? word : 'unknown' };
  }
  const answer = TaskResult.safeParse(json);
  if (status !== 200 || !answer.success || answer.data.id !== message.id || answer.data.result.id !== taskId)
    throw new Undelivered(`answer-not-understood: HTTP ${status}`);
  return answer.data.result.status.state === 'TASK_STATE_CANCELED'
    ? { kind: 'cancelled' }
    : { kind: 'refused', reason: 'task-not-cancelable' };
}
