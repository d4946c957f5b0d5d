import { METHOD_UNKNOWN, OPERATION_UNSUPPORTED, PUSH_UNSUPPORTED } from '../answers.ts';
import type { Attack, Expectation } from '../attack.ts';
import { message, request, swap } from '../bytes.ts';

/** The call of another method, with parameters that would do for a message. */
function method(name: string, called: string, why: string, expect: Expectation = METHOD_UNKNOWN): Attack {
  const id = `rpc-method-${name}`;
  const text = swap(message(id), '"method":"SendMessage"', `"method":${JSON.stringify(called)}`);
  return { id, why, bytes: request({ body: text }), expect: [expect] };
}

const spelt: readonly Attack[] = [
  method('lower-first', 'sendMessage', 'A table that ignores case is reached around the check.'),
  method('upper', 'SENDMESSAGE', 'The same in upper case.'),
  method('padded', ' SendMessage', 'The same with a space.'),
  method('padded-behind', 'SendMessage ', 'The same behind.'),
  method('nul', 'SendMessage\0', 'A NUL ends the name for C.'),
  method('newline', 'SendMessage\n', 'A line feed behind passes a pattern that ends with $.'),
  method('homoglyph', '\u0405endMessage', 'A Cyrillic letter looks the same in the log.'),
  method('fullwidth', '\uff33endMessage', 'A wide letter is normalised into ours.'),
  method('snake', 'send_message', 'The name in another convention.'),
  method('slash-case', 'Message/Send', 'The older name in another case.'),
  method('dotted', 'message.send', 'The older name with a dot.'),
  method('proto', '__proto__', 'A member of every object is found in a table that is one.'),
  method('constructor', 'constructor', 'Another one.'),
  method('to-string', 'toString', 'A third one, which is a function.'),
  method('has-own', 'hasOwnProperty', 'A fourth one.'),
  method('rpc-discover', 'rpc.discover', 'A list of all methods.'),
  method('list-methods', 'system.listMethods', 'The same in an older protocol.'),
];

const gateways: readonly Attack[] = [
  'agent',
  'agent.wait',
  'connect',
  'chat.send',
  'chat.history',
  'chat.abort',
  'chat.inject',
  'sessions.send',
  'sessions.list',
  'sessions.patch',
  'sessions.reset',
  'sessions.delete',
  'sessions.create',
  'sessions.steer',
  'config.get',
  'config.set',
  'tools.invoke',
  'wake',
  'send',
  'node.invoke',
  'node.event',
  'cron.add',
  'device.pair.approve',
  'exec.approval.resolve',
  'update.run',
  'health',
].map((name) =>
  method(
    `gateway-${name.replaceAll('.', '-')}`,
    name,
    `The gateway’s own method ${name}, if bytes were passed on.`,
  ),
);

const mcp: readonly Attack[] = [
  'initialize',
  'tools/list',
  'tools/call',
  'resources/read',
  'prompts/get',
  'sampling/createMessage',
].map((name) =>
  method(
    `mcp-${name.replace('/', '-').toLowerCase()}`,
    name,
    `MCP’s ${name}, if two protocols shared a table.`,
  ),
);

const unserved: readonly Attack[] = [
  method(
    'stream',
    'SendStreamingMessage',
    'A stream outlives the limits of a request.',
    OPERATION_UNSUPPORTED,
  ),
  method('stream-old', 'message/stream', 'The same under the older name.', OPERATION_UNSUPPORTED),
  method('subscribe', 'SubscribeToTask', 'A stream of what happens to a task.', OPERATION_UNSUPPORTED),
  method('subscribe-old', 'tasks/resubscribe', 'The same under the older name.', OPERATION_UNSUPPORTED),
  method('list', 'ListTasks', 'A list of everybody’s tasks.', OPERATION_UNSUPPORTED),
  method('list-old', 'tasks/list', 'The same under the older name.', OPERATION_UNSUPPORTED),
  method('card', 'GetExtendedAgentCard', 'A card with more in it.', OPERATION_UNSUPPORTED),
  method(
    'card-old',
    'agent/getAuthenticatedExtendedCard',
    'The same under the older name.',
    OPERATION_UNSUPPORTED,
  ),
  ...[
    ['push-create', 'CreateTaskPushNotificationConfig'],
    ['push-get', 'GetTaskPushNotificationConfig'],
    ['push-list', 'ListTaskPushNotificationConfigs'],
    ['push-delete', 'DeleteTaskPushNotificationConfig'],
    ['push-set-old', 'tasks/pushNotificationConfig/set'],
    ['push-get-old', 'tasks/pushNotificationConfig/get'],
    ['push-list-old', 'tasks/pushNotificationConfig/list'],
    ['push-delete-old', 'tasks/pushNotificationConfig/delete'],
  ].map(([name = '', called = '']) =>
    method(name, called, 'An address of the sender’s to which this stack would then post.', PUSH_UNSUPPORTED),
  ),
];

/** Methods that are not served, by whatever name. */
export const RPC_METHOD_ATTACKS: readonly Attack[] = [...spelt, ...gateways, ...mcp, ...unserved];
