import { HEADER_INVALID, UPGRADE_REFUSED } from '../answers.ts';
import type { Attack, Expectation } from '../attack.ts';
import { message, request, type Draft } from '../bytes.ts';

function upgrade(id: string, why: string, changed: Draft, expect: Expectation = UPGRADE_REFUSED): Attack {
  return {
    id: `upgrade-${id}`,
    why,
    bytes: request({ body: message(`upgrade-${id}`), ...changed }),
    expect: [expect],
  };
}

const to = (protocol: string, connection = 'Upgrade'): Draft => ({
  without: ['connection'],
  lines: [`connection: ${connection}`, `upgrade: ${protocol}`],
});

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

function raw(id: string, why: string, bytes: Buffer, expect: Expectation): Attack {
  return { id: `upgrade-${id}`, why, bytes: () => bytes, expect: [expect] };
}

function connectTo(id: string, why: string, target: string, expect: Expectation = UPGRADE_REFUSED): Attack {
  return {
    id: `upgrade-connect-${id}`,
    why,
    bytes: request({ method: 'CONNECT', target }),
    expect: [expect],
  };
}

export const UPGRADE_ATTACKS: readonly Attack[] = [
  upgrade(
    'websocket-post',
    'A POST that asks for a socket is passed on by a relay as it is.',
    to('websocket'),
  ),
  upgrade('websocket-case', 'The same in another case.', to('WebSocket', 'UPGRADE')),
  upgrade('websocket-list', 'The word hides in a list.', to('websocket', 'keep-alive, Upgrade')),
  upgrade('websocket-two-lines', 'The word hides in a second line.', {
    without: ['connection'],
    lines: ['connection: close', 'connection: upgrade', 'upgrade: websocket'],
  }),
  upgrade('without-connection', 'Without the word in Connection it is no upgrade for one reader only.', {
    lines: ['upgrade: websocket'],
  }),
  upgrade('empty', 'An upgrade to nothing.', to('')),
  upgrade('unknown', 'An upgrade to what nobody knows.', to('foo/2')),
  upgrade('list', 'Two protocols at once.', to('websocket, h2c')),
  upgrade('tls', 'TLS within the connection hides what follows.', to('TLS/1.0')),
  upgrade('h2c', 'In HTTP/2 no check of ours is asked.', {
    without: ['connection'],
    lines: ['connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAMAAABk'],
  }),
  upgrade('h2c-get', 'The same with a GET.', {
    method: 'GET',
    target: '/health',
    without: ['connection'],
    lines: ['connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAMAAABk'],
  }),
  upgrade('h2c-settings-alone', 'Half of it is completed by a relay.', {
    lines: ['http2-settings: AAMAAABk'],
  }),
  upgrade('h2c-in-disguise', 'The word without the one in Connection.', { lines: ['upgrade: h2c'] }),
  upgrade('h2c-with-preface', 'The preface follows before anyone answered.', {
    ...to('h2c'),
    behind: () => Buffer.from(PREFACE),
  }),
  upgrade('websocket-with-frames', 'Frames follow before anyone answered.', {
    ...to('websocket'),
    behind: () => Buffer.from('818500000000', 'hex'),
  }),
  upgrade(
    'websocket-h2',
    'A socket as HTTP/2 has it.',
    { method: 'CONNECT', target: '/a2a/v1', lines: [':protocol: websocket'] },
    HEADER_INVALID,
  ),
  raw('h2-preface', 'Knowledge of HTTP/2 beforehand needs no upgrade.', Buffer.from(PREFACE), HEADER_INVALID),
  raw(
    'h2-preface-settings',
    'The same with the first frame.',
    Buffer.concat([Buffer.from(PREFACE), Buffer.from('000000040000000000', 'hex')]),
    HEADER_INVALID,
  ),
  connectTo('gateway', 'A tunnel to the gateway on loopback.', '127.0.0.1:18789'),
  connectTo('local-api', 'A tunnel to the owner’s API.', '127.0.0.1:18790'),
  connectTo('localhost', 'The same by name.', 'localhost:18789'),
  connectTo('ipv6', 'The same by the other address.', '[::1]:18789'),
  connectTo('outside', 'A tunnel to anywhere makes a relay of this stack.', 'example.com:443'),
  connectTo('no-port', 'A tunnel without a port.', '127.0.0.1'),
  upgrade(
    'expect-continue',
    'A body that waits for leave holds the connection.',
    { lines: ['expect: 100-continue'] },
    HEADER_INVALID,
  ),
  upgrade('expect-case', 'The same in another case.', { lines: ['Expect: 100-Continue'] }, HEADER_INVALID),
  upgrade('expect-other', 'An expectation that nobody knows.', { lines: ['expect: 200-ok'] }, HEADER_INVALID),
  upgrade(
    'expect-twice',
    'Two of them.',
    { lines: ['expect: 100-continue', 'expect: 100-continue'] },
    HEADER_INVALID,
  ),
  upgrade(
    'expect-get',
    'One without any body.',
    { method: 'GET', target: '/health', lines: ['expect: 100-continue'] },
    HEADER_INVALID,
  ),
];
