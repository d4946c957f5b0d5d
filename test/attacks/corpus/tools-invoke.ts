import { accepted, refused } from '../answers.ts';
import type { Attack } from '../attack.ts';
import { plainText, swap } from '../bytes.ts';
import { call, calledWith, INVALID, spoiltCall } from './tool-call.ts';

const UNKNOWN = refused(404, 'tool-unknown', 'gateway');
const UNPARSEABLE = refused(400, 'body-unparseable', 'gateway');

const TOOLS =
  'exec bash shell process read write edit apply_patch fs_read fs_write sessions_list sessions_history sessions_spawn ' +
  'session_status agents_list memory_search memory_get message browser canvas nodes cron automations gateway web_fetch ' +
  'web_search image tts agent-peer__peer_send plugin SESSIONS_SEND sessions-send sessions.send __proto__ constructor *';
const SPELLINGS = [
  '',
  'sessions_send ',
  ' sessions_send',
  'sessions_send\0',
  'sessions_sen\u0501',
  '\u017fessions_send',
];

const tools: readonly Attack[] = [...TOOLS.split(' '), ...SPELLINGS].map((tool, i) =>
  call(
    `tool-${i}`,
    `The tool ${JSON.stringify(tool)} of the gateway, or a spelling that it takes for one.`,
    { tool },
    UNKNOWN,
  ),
);

/** Beside `tool` and `args`. */
const beside: readonly Attack[] = [
  call('beside-name', 'The gateway runs `name` and not `tool`.', { name: 'session_status' }),
  call('beside-name-same', 'Even when both are the same, one is too much.', { name: 'sessions_send' }),
  call('beside-session-key', 'The outer session is the caller’s context in the gateway.', {
    sessionKey: 'agent:main:main',
  }),
  call('beside-session-key-alias', 'The same with the granted alias.', { sessionKey: 'handoff' }),
  call('beside-session-key-snake', 'The same in the other convention.', { session_key: 'agent:main:main' }),
  call('beside-agent-id', 'The agent of the caller’s context.', { agentId: 'main' }),
  call('beside-action', 'The gateway merges it into the arguments.', { action: 'send' }),
  call('beside-dry-run', 'A call that seems to do nothing.', { dryRun: true }),
  call('beside-idempotency-key', 'A name for the call.', { idempotencyKey: 'a' }),
  call('beside-channel', 'A channel of the caller’s.', { channel: 'telegram' }),
  call('beside-message', 'A message beside the arguments.', { message: 'hello' }),
  call('beside-mode', 'A mode beside the arguments.', { mode: 'steer' }),
  call('beside-input', 'The arguments by another name.', { input: { sessionKey: 'main' } }),
  call('beside-arguments', 'And by MCP’s.', { arguments: { sessionKey: 'main' } }),
  call('beside-params', 'And by JSON-RPC’s.', { params: { sessionKey: 'main' } }),
  call('beside-json-rpc', 'A call of two protocols at once.', {
    jsonrpc: '2.0',
    id: 1,
    method: 'SendMessage',
  }),
  call('beside-constructor', 'A member of every object.', { constructor: { prototype: {} } }),
];

const members: readonly Attack[] = [
  call('name-alone', 'The tool by its other name alone.', { tool: undefined, name: 'sessions_send' }),
  call('no-tool', 'No tool at all.', { tool: undefined }),
  call('tool-null', 'Null in its place.', { tool: null }),
  call('tool-list', 'A list that prints as the name.', { tool: ['sessions_send'] }),
  call('tool-object', 'An object in its place.', { tool: { name: 'sessions_send' } }),
  call('no-args', 'No arguments: the gateway takes main.', { args: undefined }),
  call('args-null', 'Null in their place.', { args: null }),
  call('args-list', 'What is no object counts as an empty one in the gateway.', { args: [] }),
  call('args-text', 'Arguments as text that is parsed a second time.', { args: '{"sessionKey":"main"}' }),
  call('args-empty', 'None of them.', { args: {} }),
];

const twice = (name: string, instead: string) => (plain: string) =>
  swap(plain, `"${name}":`, `"${name}":${instead},"${name}":`);

const bodies: readonly Attack[] = [
  spoiltCall('list', 'A list of calls.', (plain) => `[${plain}]`, INVALID),
  spoiltCall('text', 'A text.', () => '"sessions_send"', INVALID),
  spoiltCall('null', 'Null.', () => 'null', INVALID),
  spoiltCall(
    'tool-twice',
    'The first tool is judged and the last one run.',
    twice('tool', '"exec"'),
    UNPARSEABLE,
  ),
  spoiltCall(
    'key-twice',
    'The first key is judged and the last one used.',
    twice('sessionKey', '"main"'),
    UNPARSEABLE,
  ),
  spoiltCall(
    'key-twice-escaped',
    'The same under an escape.',
    (plain) => swap(plain, '"sessionKey":', '"\\u0073essionKey":"main","sessionKey":'),
    UNPARSEABLE,
  ),
  spoiltCall('args-twice', 'The same for all arguments.', twice('args', '{}'), UNPARSEABLE),
  spoiltCall(
    'proto',
    'A key that every object has.',
    (plain) => swap(plain, '"args":{', '"args":{"__proto__":{"sessionKey":"main"},'),
    UNPARSEABLE,
  ),
  spoiltCall('bom', 'A byte order mark.', (plain) => `\ufeff${plain}`, UNPARSEABLE),
  spoiltCall(
    'trailing',
    'A second call behind the first.',
    (plain) => `${plain}{"tool":"exec"}`,
    UNPARSEABLE,
  ),
  spoiltCall(
    'comment',
    'A comment that hides a key.',
    (plain) => swap(plain, '"args"', '/* "tool":"exec" */"args"'),
    UNPARSEABLE,
  ),
  spoiltCall(
    'surrogate',
    'Half a character in the message.',
    (plain) => swap(plain, 'hello', '\\ud800'),
    UNPARSEABLE,
  ),
  spoiltCall('nothing', 'No body.', () => '', UNPARSEABLE),
  spoiltCall(
    'too-large',
    'A body larger than is allowed.',
    (plain) => plain + ' '.repeat(300_000),
    refused(413, 'body-too-large', 'gateway'),
  ),
];

const HEADS = [
  'X-OpenClaw-Session-Key: agent:main:main',
  'X-OpenClaw-Message-Channel: webchat',
  'X-OpenClaw-Account-Id: a',
  'X-OpenClaw-Message-To: +15550100',
  'X-OpenClaw-Thread-Id: 1',
  'X-OpenClaw-Agent-Id: main',
  'X-OpenClaw-Scopes: operator.admin',
  'X-Forwarded-For: 127.0.0.1',
  'Tailscale-User-Login: owner@example.com',
];

const heads: readonly Attack[] = [
  ...HEADS.map((line, i) =>
    calledWith(
      `head-${i}`,
      `The header ${line} shapes what a gateway does with a tool.`,
      { lines: [line] },
      accepted(plainText(`tools-head-${i}`), 'gateway'),
    ),
  ),
  calledWith(
    'form',
    'The type of a web form.',
    { without: ['content-type'], lines: ['content-type: application/x-www-form-urlencoded'] },
    refused(415, 'content-type-unsupported', 'gateway'),
  ),
  calledWith(
    'origin',
    'A page calls tools.',
    { lines: ['origin: http://evil.example'] },
    refused(400, 'header-invalid', 'gateway'),
  ),
  calledWith(
    'token-of-other',
    'Another peer’s token, from our node.',
    {
      without: ['authorization'],
      lines: ({ other }) => [`authorization: Bearer ${other.token}`],
    },
    refused(401, 'unauthenticated', 'gateway'),
  ),
];

/** `POST /tools/invoke` but for what its arguments say. */
export const TOOLS_INVOKE_ATTACKS: readonly Attack[] = [...tools, ...beside, ...members, ...bodies, ...heads];
