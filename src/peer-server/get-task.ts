import type { Deps } from './deps.ts';
import { permit, record, type Exchange } from './exchange.ts';
import { noteFetched } from './note-fetched.ts';
import { askedTask } from './own-task.ts';
import { readTaskParams } from '../a2a/send-params.ts';
import { inboxTask } from './inbox-task.ts';

/** A task of this peer's own, as it is now, if the grant that it came in under still lets the peer read it. */
export async function getTask(deps: Deps, exchange: Exchange, params: unknown): Promise<unknown> {
  exchange.operation = 'task-read';
  const { id } = readTaskParams(params);
  const task = await askedTask(deps, exchange, id);
  permit(deps, exchange, { operation: 'task-read', alias: task.alias });
  record(deps, exchange, true, 'allowed');
  noteFetched(deps, task);
  return inboxTask(task);
}
