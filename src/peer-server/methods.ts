import type { RefusalReason } from '../core/refusal.ts';
import { cancelTask } from './cancel-task.ts';
import type { Deps } from './deps.ts';
import type { Exchange } from './exchange.ts';
import { getTask } from './get-task.ts';
import { Refusal } from './refuse.ts';
import { sendMessage } from './send-message.ts';

/** Answers the `result` of a call. Throws Refusal. */
export type Method = (
  deps: Deps,
  exchange: Exchange,
  params: unknown,
  signal: AbortSignal,
) => Promise<unknown>;

/** With the names that A2A 0.3 had for them: some clients send 1.0 shapes under the old names. */
const SERVED: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['SendMessage', sendMessage],
  ['message/send', sendMessage],
  ['GetTask', getTask],
  ['tasks/get', getTask],
  ['CancelTask', cancelTask],
  ['tasks/cancel', cancelTask],
]);

/** Methods of the protocol that this stack does not have: the protocol wants to be told which kind of no it is. */
const UNSERVED: ReadonlyMap<string, RefusalReason> = new Map<string, RefusalReason>([
  ['SendStreamingMessage', 'operation-unsupported'],
  ['message/stream', 'operation-unsupported'],
  ['SubscribeToTask', 'operation-unsupported'],
  ['tasks/resubscribe', 'operation-unsupported'],
  ['ListTasks', 'operation-unsupported'],
  ['tasks/list', 'operation-unsupported'],
  ['GetExtendedAgentCard', 'operation-unsupported'],
  ['agent/getAuthenticatedExtendedCard', 'operation-unsupported'],
  ['CreateTaskPushNotificationConfig', 'push-unsupported'],
  ['GetTaskPushNotificationConfig', 'push-unsupported'],
  ['ListTaskPushNotificationConfigs', 'push-unsupported'],
  ['DeleteTaskPushNotificationConfig', 'push-unsupported'],
  ['tasks/pushNotificationConfig/set', 'push-unsupported'],
  ['tasks/pushNotificationConfig/get', 'push-unsupported'],
  ['tasks/pushNotificationConfig/list', 'push-unsupported'],
  ['tasks/pushNotificationConfig/delete', 'push-unsupported'],
]);

/** By exact name. Throws Refusal `rpc-method-unknown`, or the reason that a method of the protocol has. */
export function methodOf(name: string): Method {
  const method = SERVED.get(name);
  if (method === undefined) throw new Refusal(UNSERVED.get(name) ?? 'rpc-method-unknown');
  return method;
}
