import { acceptMessage } from './accept-message.ts';
import type { Deps } from './deps.ts';
import type { Exchange } from './exchange.ts';
import { readSentMessage, type SentMessage } from '../a2a/sent-message.ts';
import { ownTask } from './own-task.ts';
import { Refusal } from '../a2a/refusal.ts';
import { settleMessage } from './settle-message.ts';
import { inboxTask } from './inbox-task.ts';

/** A task here is one message and its reply; what goes on is the conversation. */
function checkReferences(deps: Deps, exchange: Exchange, incoming: SentMessage): void {
  const looking = { ...exchange };
  for (const taskId of incoming.referenceTaskIds) ownTask(deps, looking, taskId);
  if (incoming.taskId === null) return;
  if (ownTask(deps, looking, incoming.taskId).messageId !== incoming.messageId) {
    throw new Refusal(
      'operation-unsupported',
      'a task takes one message; continue its contextId instead of its taskId',
    );
  }
}

/** Takes a message, then waits for its reply within the limit; waiting on it again is how a sender gets the reply. */
export async function sendMessage(
  deps: Deps,
  exchange: Exchange,
  params: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  exchange.operation = 'message-send';
  const incoming = readSentMessage(params, deps.limits);
  checkReferences(deps, exchange, incoming);
  const message = await acceptMessage(deps, exchange, incoming);
  const waitMs = incoming.returnImmediately ? 0 : deps.limits.waitMs;
  return { task: inboxTask(await settleMessage(deps, exchange, message, { waitMs, signal })) };
}
