import { isAtRest } from '../core/inbox.ts';
import type { InboxMessage } from '../ports/messages.ts';
import type { Deps } from './deps.ts';
import { permit, type Exchange } from './exchange.ts';
import { noteFetched } from './note-fetched.ts';
import { Refusal } from '../a2a/refusal.ts';

async function wait(
  { cuts, tasks, waits }: Deps,
  message: InboxMessage,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (waitMs === 0 || isAtRest(message.state)) return;
  const leave = waits.take(message.peer);
  // Too many wait already. This one has its message on disk, and asks again: it is answered and not refused.
  if (leave === null) return;
  await tasks
    .settled(message.taskId, waitMs, AbortSignal.any([signal, cuts.signalOf(message.peer)]))
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
    })
    .finally(leave);
}

/** False where the grant is for writing alone; everything else that is in the way is a refusal. */
function mayRead(deps: Deps, exchange: Exchange, message: InboxMessage): boolean {
  try {
    permit(deps, exchange, { operation: 'task-read', alias: message.alias });
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'operation-not-granted') return false;
    throw error;
  }
}

/**
 * The message when it is over, or as it is after `waitMs`. To a peer that may write and not read, only that it was
 * taken. Judged again after the wait: a reply is not given to who may not read it any more.
 */
export async function settleMessage(
  deps: Deps,
  exchange: Exchange,
  message: InboxMessage,
  { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
): Promise<InboxMessage> {
  const receipt: InboxMessage = { ...message, state: 'accepted', reply: null, detail: null };
  if (!mayRead(deps, exchange, message)) return receipt;
  await wait(deps, message, waitMs, signal);
  if (!mayRead(deps, exchange, message)) return receipt;
  const settled = deps.inbox.findTask(message.peer, message.taskId) ?? message;
  noteFetched(deps, settled);
  return settled;
}
