import type { Deps } from './deps.ts';
import { record, requirePeer, type Exchange } from './exchange.ts';
import { Refusal } from './refuse.ts';
import { readGetTaskParams } from './send-params.ts';
import { taskJson } from './task-json.ts';

/** A task of this peer's own, as it is now. */
export function getTask(deps: Deps, exchange: Exchange, params: unknown): Promise<unknown> {
  exchange.operation = 'task-read';
  const { id } = readGetTaskParams(params);
  const { name } = requirePeer(deps, exchange, 'task-read');
  const task = deps.inbox.findTask(name, id);
  if (task === null) throw new Refusal('task-unknown');
  exchange.messageId = task.messageId;
  record(deps, exchange, true, 'allowed');
  return Promise.resolve(taskJson(task));
}
