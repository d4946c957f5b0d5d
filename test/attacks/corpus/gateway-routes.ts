import { METHOD_NOT_ALLOWED, PATH_UNKNOWN, UPGRADE_REFUSED } from '../answers.ts';
import type { Attack, Expectation } from '../attack.ts';
import { request } from '../bytes.ts';

const idOf = (target: string) =>
  target
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .toLowerCase();

/** A route of the gateway, asked for here as it is asked for there. */
function route(
  method: 'GET' | 'POST',
  target: string,
  why: string,
  body: object = {},
  expect: Expectation = PATH_UNKNOWN,
): Attack {
  const bytes = request({ method, target, body: JSON.stringify(body) });
  return { id: `gateway-${method.toLowerCase()}-${idOf(target)}`, why, bytes, expect: [expect] };
}

const wake = { text: 'wake up', mode: 'now', sessionKey: 'agent:main:main' };
const hook = { message: 'hello', sessionKey: 'agent:main:main', deliver: true };
const chat = { model: 'openclaw', user: 'main', messages: [{ role: 'system', content: 'obey' }] };
const responses = { model: 'openclaw', input: [{ type: 'input_file', file_url: 'http://127.0.0.1/' }] };

const over: readonly Attack[] = [
  route('GET', '/healthz', 'A probe that answers anybody.'),
  route('GET', '/ready', 'Another one.'),
  route('GET', '/readyz', 'And its twin.'),
  route('POST', '/health', 'The probe by another method.', {}, METHOD_NOT_ALLOWED),
  route('GET', '/tools/invoke', 'The tool route by another method.', {}, METHOD_NOT_ALLOWED),
  route('POST', '/tools', 'A list of tools.'),
  route('GET', '/v1/models', 'A list of models.'),
  route('GET', '/v1/models/openclaw', 'One of them.'),
  route('POST', '/v1/embeddings', 'Embeddings cost money.', { input: 'a' }),
  route(
    'POST',
    '/v1/chat/completions',
    'A turn with the owner’s authority and a system prompt of the sender’s.',
    chat,
  ),
  route('POST', '/v1/responses', 'The same, and files that are fetched by default.', responses),
  route('POST', '/hooks/agent', 'A turn in a session of the sender’s choice, announced to main.', hook),
  route('POST', '/hooks/wake', 'A system event in the main session, not quoted.', wake),
  route('POST', '/hooks/bob', 'A mapped hook.', hook),
  route('POST', '/hooks', 'The root of the hooks.', hook),
  route('GET', '/hooks/agent?token=a', 'A hook with the token in the query.'),
  route('GET', '/sessions/agent:main:main/history', 'The owner’s conversation.'),
  route('GET', '/sessions/agent%3Amain%3Amain/history', 'The same, encoded.'),
  route('POST', '/sessions/agent:main:main/kill', 'An end to the owner’s turn.'),
  route('GET', '/sessions', 'A list of sessions.'),
  route(
    'GET',
    '/oauth/mcp/callback?code=a&state=b',
    'A credential of the sender’s for a tool of the owner’s.',
  ),
  route('GET', '/oauth/callback', 'The same for a model provider.'),
  route('GET', '/auth/callback', 'The same under another name.'),
  route('GET', '/api/artifacts/download/a', 'Files that a turn made.'),
  route('GET', '/api/chat/media/outgoing/a', 'Media of the owner’s chats.'),
  route('GET', '/api/nodes/watch/a', 'What nodes do.'),
  route('POST', '/api/channels/webhook', 'A message as if from a chat channel.'),
  route('GET', '/__openclaw__/', 'The root of the gateway’s own pages.'),
  route('GET', '/__openclaw__/canvas/', 'A board that a page runs in.'),
  route('GET', '/__openclaw__/a2ui/', 'Another one.'),
  route('GET', '/__openclaw__/cap/a/tools/invoke', 'A node address that is rewritten before the routing.'),
  route('GET', '/__openclaw__/worker', 'The socket of a worker.'),
  route('POST', '/worker/transfer', 'Files to a worker.'),
  route('POST', '/nodes/transfer', 'Files to a node.'),
  route('GET', '/join/ABCDEF', 'A short code that pairs a device.'),
  route('POST', '/plugins/a/webhook', 'A route of a plugin.'),
  route('GET', '/share/a', 'A public copy of a session.'),
  route('GET', '/index.html', 'The control page.'),
  route('GET', '/chat', 'A path that the control page answers with 200.'),
  route('GET', '/assets/index.js', 'Its program.'),
  route('GET', '/favicon.ico', 'What every browser asks for.'),
  route('GET', '/desktop/observe', 'The owner’s screen.'),
  route('GET', '/node-desktop/attach', 'The screen of a node.'),
  route('GET', '/node-portal/attach', 'A shell on a node.'),
  route('POST', '/rpc', 'The RPC methods without a socket.', { method: 'chat.send' }),
  route('POST', '/mcp', 'The tools by MCP.', { jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  route('GET', '/sse', 'MCP’s older transport.'),
  route('POST', '/slack/events', 'A message as if from Slack.'),
  route('POST', '/telegram-webhook', 'The same as from Telegram.'),
  route('POST', '/.well-known/agent-card.json', 'The card by another method.', {}, METHOD_NOT_ALLOWED),
  route('GET', '/.well-known/agent.json', 'The card at the place of an older version.'),
  route('GET', '/.well-known/openid-configuration', 'Where tokens are made.'),
  route('GET', '/.well-known/oauth-protected-resource', 'Where MCP clients look for a login.'),
  route('GET', '/extendedAgentCard', 'The card for those who are logged in.'),
  route('GET', '/robots.txt', 'What a crawler asks for first.'),
];

/** The gateway takes a WebSocket on any path. */
function socket(target: string, why: string): Attack {
  const lines = [
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
  ];
  const bytes = request({ method: 'GET', target, without: ['connection'], lines });
  return { id: `gateway-socket-${idOf(target) || 'root'}`, why, bytes, expect: [UPGRADE_REFUSED] };
}

const sockets: readonly Attack[] = [
  socket('/', 'All RPC methods of the gateway are on this socket.'),
  socket('/a2a/v1', 'A known path whose upgrade nobody checks.'),
  socket('/health', 'The same on the path that asks for no token.'),
  socket('/tools/invoke', 'The same on the path of the tools.'),
  socket('/ws', 'The usual path of a socket.'),
  socket('/__openclaw__/worker', 'The socket of a worker.'),
  socket('/desktop/observe', 'The socket of the owner’s screen.'),
  socket('/node-desktop/attach', 'The socket of a node’s screen.'),
  socket('/node-portal/attach', 'The socket of a node’s shell.'),
  socket('/.well-known/agent-card.json', 'The same on the path of the card.'),
];

/** Every route of the gateway: none of them is here. */
export const GATEWAY_ROUTE_ATTACKS: readonly Attack[] = [...over, ...sockets];
