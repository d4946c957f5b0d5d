import type { Peer } from '../core/peer.ts';
import type { InboxMessage } from '../ports/messages.ts';
import type { Deps } from './deps.ts';
import { permit, type Exchange } from './exchange.ts';
import { Refusal } from '../a2a/refusal.ts';

/** Looked up among this peer's own rows only: a task of another peer and one that never was are the same to it. */
function find({ inbox }: Deps, exchange: Exchange, peer: Peer, taskId: string): InboxMessage {
  const task = inbox.findTask(peer.name, taskId);
  if (task === null) throw new Refusal('task-unknown');
  exchange.alias = task.alias;
  exchange.messageId = task.messageId;
  return task;
}

/** A task that a request names beside what it is about. */
export function ownTask(deps: Deps, exchange: Exchange, taskId: string): InboxMessage {
  const { peer } = permit(deps, exchange, { operation: 'health-read' });
  return find(deps, exchange, peer, taskId);
}

/** The same for a request that only asks about a task: how often is limited. */
export async function askedTask(deps: Deps, exchange: Exchange, taskId: string): Promise<InboxMessage> {
  const { peer } = permit(deps, exchange, { operation: 'health-read' });
  await deps.rates.takePoll(`peer ${peer.name}`);
  return find(deps, exchange, peer, taskId);
}
