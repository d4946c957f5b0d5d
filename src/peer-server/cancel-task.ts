import type { Deps } from './deps.ts';
import { permit, record, type Exchange } from './exchange.ts';
import { askedTask } from './own-task.ts';
import { Refusal } from '../a2a/refusal.ts';
import { readTaskParams } from '../a2a/send-params.ts';
import { inboxTask } from './inbox-task.ts';

/** Takes back a message of this peer's own that the gateway cannot have seen yet. A second cancel finds it cancelled. */
export async function cancelTask(deps: Deps, exchange: Exchange, params: unknown): Promise<unknown> {
  exchange.operation = 'task-cancel';
  const { id } = readTaskParams(params);
  const task = await askedTask(deps, exchange, id);
  permit(deps, exchange, { operation: 'task-cancel', alias: task.alias });
  const cancelled = { kind: 'cancelled', detail: null } as const;
  const { message: after } = deps.inbox.apply(task.taskId, cancelled, deps.clock.now());
  if (after.state !== 'cancelled') throw new Refusal('task-not-cancelable');
  record(deps, exchange, true, 'cancelled');
  deps.tasks.changed(after);
  return inboxTask(after);
}
