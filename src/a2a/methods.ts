import type { RefusalReason } from '../core/refusal.ts';
import { Refusal } from './refusal.ts';

/** With the names that A2A 0.3 had for them: some clients send 1.0 shapes under the old names. */
const SERVED = {
  SendMessage: 'send',
  'message/send': 'send',
  GetTask: 'get',
  'tasks/get': 'get',
  CancelTask: 'cancel',
  'tasks/cancel': 'cancel',
} as const;
export type ServedMethod = (typeof SERVED)[keyof typeof SERVED];

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
export function methodOf(name: string): ServedMethod {
  if (Object.hasOwn(SERVED, name)) return SERVED[name as keyof typeof SERVED];
  throw new Refusal(UNSERVED.get(name) ?? 'rpc-method-unknown');
}
