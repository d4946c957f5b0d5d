/**
 * What is not a plain request for one of the three routes is refused with a clear answer and a closed connection,
 * whatever bytes it is made of. Nothing of it reaches the inbox, and nothing hangs.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  ADDRESS,
  rawRequest,
  readToEnd,
  rpc,
  send,
  sendMessageBody,
  sendRaw,
  startListener,
  toldReason,
  TOKEN,
  type Listener,
  type Sent,
} from '../harness/peer-listener.ts';

const LIMITS = { waitMs: 2000, headersMs: 400, requestMs: 800, idleMs: 5000 };
let listener: Listener;
beforeAll(async () => {
  listener = await startListener({ limits: LIMITS });
});
afterEach(() => expect(listener.inbox.rows.size).toBe(0));
afterAll(() => listener.server.close(0));

const body = sendMessageBody({}, { returnImmediately: true });
const refusal = async (sent: Sent) => {
  const answer = await send(listener.port, { body, ...sent });
  return [answer.status, toldReason(answer)];
};

describe('request targets', () => {
  it.each([
    '/',
    '/a2a',
    '/a2a/v1/',
    '/a2a/v1/inbox/',
    '//a2a/v1',
    '/a2a//v1',
    '/a2a/v1//inbox',
    '/A2A/v1',
    '/a2a/V1',
    '/a2a/v1?x=1',
    '/a2a/v1/inbox?',
    '/a2a/v1/inbox#x',
    '/a2a/v1/%69nbox',
    '/a2a/v1/inbox%2f',
    '/a2a/v1/..',
    '/a2a/v1/../v1',
    '/a2a/v1/.',
    '/x/../a2a/v1',
    '/a2a/v1/inbox;x=1',
    '/a2a/v1\\inbox',
    'http://100.64.0.1/a2a/v1',
    '*',
    '/.well-known/agent.json',
    '/.well-known/agent-card.json/',
    '/tools/invoke/',
    '/tools/invoke?x=1',
    '/tools//invoke',
    '/v1/chat/completions',
    '/hooks/agent',
    '/healthz',
    '/health/',
    '/HEALTH',
    '/a2a/v1/constructor.prototype',
    `/a2a/v1/${'a'.repeat(65)}`,
  ])('%j is nowhere', async (path) => {
    expect(await refusal({ path })).toEqual([404, 'path-unknown']);
  });

  it.each(['a2a/v1', '/a2a/v1/in box', '/a2a/v1\tinbox', ''])('%j is not even a target', async (path) => {
    expect(await refusal({ path })).toEqual([400, 'header-invalid']);
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'HEAD', 'PROPFIND'])(
    '%s is not served',
    async (method) => {
      const answer = await send(listener.port, { method, token: TOKEN.bob });
      expect([answer.status, /allow: POST/i.test(answer.head)]).toEqual([405, true]);
      expect(
        (await send(listener.port, { method: method === 'GET' ? 'POST' : method, path: '/health' })).status,
      ).toBe(405);
    },
  );
});

describe('heads', () => {
  it.each<[string, Sent, number, string]>([
    ['a web page’s Origin', { headers: { origin: 'http://evil.example' } }, 400, 'header-invalid'],
    ['an expectation', { headers: { expect: '200-ok' } }, 400, 'header-invalid'],
    ['100-continue', { headers: { expect: '100-continue' } }, 400, 'header-invalid'],
    ['another content type', { headers: { 'content-type': 'text/plain' } }, 415, 'content-type-unsupported'],
    [
      'another charset',
      { headers: { 'content-type': 'application/json; charset=latin1' } },
      415,
      'content-type-unsupported',
    ],
    ['a coding', { headers: { 'content-encoding': 'gzip' } }, 415, 'content-type-unsupported'],
    ['an upgrade', { headers: { connection: 'upgrade', upgrade: 'websocket' } }, 400, 'upgrade-refused'],
    ['an upgrade in disguise', { headers: { upgrade: 'h2c' } }, 400, 'upgrade-refused'],
    [
      'h2c',
      { headers: { connection: 'HTTP2-Settings', 'http2-settings': 'AAMAAABk' } },
      400,
      'upgrade-refused',
    ],
    ['another transfer coding', { headers: { 'transfer-encoding': 'gzip, chunked' } }, 400, 'header-invalid'],
    ['a signed length', { headers: { 'content-length': '+5' } }, 400, 'header-invalid'],
    [
      'a body on a GET',
      { method: 'GET', path: '/health', headers: { 'content-length': '2' }, body: '{}' },
      400,
      'header-invalid',
    ],
  ])('%s is refused', async (_what, sent, status, reason) => {
    expect(await refusal(sent)).toEqual([status, reason]);
  });

  it.each<[string, string]>([
    ['two Authorization', `authorization: Bearer ${TOKEN.carol}`],
    ['two Content-Type', 'content-type: application/json'],
    ['two Content-Length', 'content-length: 5'],
    ['a length and chunks', 'transfer-encoding: chunked'],
    ['two Host', 'host: other'],
    ['a folded line', 'x-a: b\r\n c: d'],
    ['a NUL', 'x-a: b\0c'],
    ['a space before the colon', 'x-a : b'],
  ])('%s are refused', async (_what, line) => {
    const plain = rawRequest({ body }).toString('latin1');
    const answer = await sendRaw(
      listener.port,
      Buffer.from(plain.replace('\r\n\r\n', `\r\n${line}\r\n\r\n`), 'latin1'),
    );
    expect([answer.status, toldReason(answer)]).toEqual([400, 'header-invalid']);
  });

  it('without Host, of HTTP/1.0, or too large are refused', async () => {
    const plain = rawRequest({ body }).toString();
    expect((await sendRaw(listener.port, plain.replace(/host: .*\r\n/, ''))).status).toBe(400);
    expect((await sendRaw(listener.port, plain.replace('HTTP/1.1', 'HTTP/1.0'))).status).toBe(400);
    expect(await refusal({ headers: { 'x-a': 'a'.repeat(33 * 1024) } })).toEqual([431, 'headers-too-large']);
  });

  it('of stock clients are not: charset, and A2A’s own content type', async () => {
    for (const type of ['application/json; charset=utf-8', 'application/a2a+json']) {
      expect(await refusal({ headers: { 'content-type': type }, body: '[' })).toEqual([
        400,
        'body-unparseable',
      ]);
    }
  });
});

describe('bytes that are no request', () => {
  it.each([
    ['words', 'hello\r\n\r\n', 'header-invalid'],
    ['TLS', Buffer.from('16030100a5010000a10303', 'hex'), 'header-invalid'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'header-invalid'],
    ['a bare line feed in the head', 'POST /a2a/v1 HTTP/1.1\nhost: a\n\n', 'header-invalid'],
    ['CONNECT', 'CONNECT 127.0.0.1:18789 HTTP/1.1\r\nhost: a\r\n\r\n', 'upgrade-refused'],
    ['a broken chunk', rawChunked('zz\r\n'), 'header-invalid'],
  ])('%s are answered and the connection is closed', async (_what, bytes, reason) => {
    const answer = await sendRaw(listener.port, bytes);
    expect([answer.status, toldReason(answer)]).toEqual([400, reason]);
  });

  it('that stop in the middle are cut off: before the head, in it, or in the body', async () => {
    const half = rawRequest({ headers: { 'content-length': '1000' }, body: '{"json' });
    const stopped = ['', 'POST /a2a/v1 HTTP/1.1\r\nhost: a\r\n', half];
    const answers = await Promise.all(stopped.map((bytes) => sendRaw(listener.port, bytes)));
    expect(answers.map((answer) => [answer.status, toldReason(answer)])).toEqual(
      Array(3).fill([408, 'request-timeout']),
    );
  });

  it('that come a byte at a time are cut off, however long they would go on', async () => {
    const socket = connect({ host: ADDRESS.self, port: listener.port, localAddress: ADDRESS.bob });
    socket.write(rawRequest({ headers: { 'content-length': '1000' } }));
    const dribble = setInterval(() => socket.write(' '), 20);
    expect(await readToEnd(socket)).toContain('HTTP/1.1 408');
    clearInterval(dribble);
  });

  it('behind a request that waits for its reply get no answer: the request does, and then it is over', async () => {
    const own = await startListener({ limits: LIMITS });
    const answer = await sendRaw(
      own.port,
      Buffer.concat([rawRequest({ body: sendMessageBody() }), Buffer.from('\0\0')]),
    );
    expect(answer.status).toBe(200);
    expect(answer.body.match(/"jsonrpc"/g)).toHaveLength(1);
    expect(rpc(answer).result).toMatchObject({ task: { status: { state: 'TASK_STATE_SUBMITTED' } } });
    await own.server.close(0);
  });
});

function rawChunked(chunks: string): Buffer {
  const plain = rawRequest({}).toString().replace('content-length: 0', 'transfer-encoding: chunked');
  return Buffer.from(plain + chunks);
}

describe('connections', () => {
  it('over the limit are told so, and those within it are served', async () => {
    const own = await startListener({ limits: { ...LIMITS, connections: 1 } });
    const held = connect({ host: ADDRESS.self, port: own.port, localAddress: ADDRESS.bob });
    await once(held, 'connect');
    expect(toldReason(await send(own.port, { body }))).toBe('connections-exceeded');
    const heldUntil = readToEnd(held);
    held.write(rawRequest({ method: 'GET', path: '/health' }));
    expect(await heldUntil).toContain('"status":"ok"');
    await own.server.close(0);
  });
});

describe('bodies', () => {
  it('over the limit are refused, by their length or by what arrives, and the answer is not lost', async () => {
    const large = sendMessageBody({ parts: [{ text: 'x'.repeat(300 * 1024) }] });
    expect(await refusal({ body: large })).toEqual([413, 'body-too-large']);
    const chunked = await sendRaw(
      listener.port,
      rawChunked(`${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`),
    );
    expect(chunked.status).toBe(413);
    expect((await send(listener.port, { body: large, token: TOKEN.unknown })).status).toBe(401);
    expect(await refusal({ headers: { 'content-length': '99999999999' } })).toEqual([413, 'body-too-large']);
  });

  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['bad UTF-8', Buffer.from('7b2261223a22ff227d', 'hex')],
    ['a byte order mark', `\uFEFF${body}`],
    ['a duplicate key', body.replace('"id":1', '"id":1,"id":2')],
    ['a duplicate key under an escape', body.replace('"id":1', '"id":1,"\\u0069d":2')],
    ['a lone surrogate', body.replace('hello', '\\ud800')],
    ['a comment', `${body}// x`],
    ['a second value', `${body}{}`],
    ['NaN', body.replace('"id":1', '"id":NaN')],
    ['a number that does not survive', body.replace('"id":1', '"id":12345678901234567890')],
    ['depth', body.replace('"hello"', '['.repeat(20) + ']'.repeat(20))],
  ])('with %s are not JSON', async (_what, bytes) => {
    expect(await refusal({ body: bytes })).toEqual([400, 'body-unparseable']);
  });

  it.each<[string, string]>([
    ['a batch', `[${body}]`],
    ['no id', body.replace('"id":1,', '')],
    ['a null id', body.replace('"id":1', '"id":null')],
    ['another JSON-RPC', body.replace('"2.0"', '"1.0"')],
    ['an unknown member', body.replace('"id":1', '"id":1,"x":1')],
  ])('with %s are not a JSON-RPC request', async (_what, bytes) => {
    expect(await refusal({ body: bytes })).toEqual([400, 'rpc-invalid']);
  });
});

describe('calls', () => {
  const call = async (method: string, params: unknown = {}) => {
    const answer = await send(listener.port, {
      body: JSON.stringify({ jsonrpc: '2.0', id: 'q', method, params }),
    });
    return {
      status: answer.status,
      id: rpc(answer).id,
      code: rpc(answer).error?.code,
      reason: toldReason(answer),
    };
  };

  it.each([
    ['sendMessage', -32601, 'rpc-method-unknown'],
    ['constructor', -32601, 'rpc-method-unknown'],
    ['SendStreamingMessage', -32004, 'operation-unsupported'],
    ['SubscribeToTask', -32004, 'operation-unsupported'],
    ['CancelTask', -32602, 'params-invalid'],
    ['ListTasks', -32004, 'operation-unsupported'],
    ['CreateTaskPushNotificationConfig', -32003, 'push-unsupported'],
    ['tasks/pushNotificationConfig/set', -32003, 'push-unsupported'],
  ])('of %s are answered with the error that the protocol has for it', async (method, code, reason) => {
    expect(await call(method)).toEqual({ status: 200, id: 'q', code, reason });
  });

  it('in another version of the protocol are refused', async () => {
    expect(await refusal({ headers: { 'a2a-version': '0.3' } })).toEqual([200, 'version-unsupported']);
    expect(await refusal({ headers: { 'a2a-version': '1.0' }, body: '[' })).toEqual([
      400,
      'body-unparseable',
    ]);
  });

  const message = (changed: object, configuration?: object) =>
    refusal({ body: sendMessageBody(changed, configuration) }).then(([, reason]) => reason);

  it.each<[string, object, string]>([
    ['a URL', { parts: [{ url: 'http://127.0.0.1:18789/' }] }, 'part-not-text'],
    ['a file', { parts: [{ text: 'a' }, { file: { uri: 'file:///etc/passwd' } }] }, 'part-not-text'],
    ['bytes', { parts: [{ raw: 'AAAA' }] }, 'part-not-text'],
    ['data alone', { parts: [{ data: { a: 1 } }] }, 'text-empty'],
    ['data as a file', { parts: [{ text: 'a' }, { data: 1, filename: 'x.json' }] }, 'part-not-text'],
    [
      'a field of another kind',
      { metadata: { 'urn:agent-peer:message:1': { kind: 'handoff', fields: { topic: 'x' } } } },
      'params-invalid',
    ],
    [
      'more context than is taken',
      { parts: [{ text: 'a' }, { data: 'x'.repeat(65_536) }] },
      'params-invalid',
    ],
    ['a named file of text', { parts: [{ text: 'a', filename: 'x.sh' }] }, 'part-not-text'],
    ['a picture as text', { parts: [{ text: 'a', mediaType: 'image/png' }] }, 'part-not-text'],
    ['no part', { parts: [] }, 'params-invalid'],
    ['an empty text', { parts: [{ text: ' \n' }] }, 'text-empty'],
    ['a text over the limit', { parts: [{ text: 'é'.repeat(33 * 1024) }] }, 'text-too-long'],
    ['a NUL', { parts: [{ text: 'a\0b' }] }, 'params-invalid'],
    ['another role', { role: 'ROLE_AGENT' }, 'params-invalid'],
    ['a session key', { sessionKey: 'agent:main:main' }, 'params-invalid'],
    ['a message id with a path in it', { messageId: '../../x' }, 'params-invalid'],
    ['a snake-case twin', { context_id: 'x' }, 'params-invalid'],
    ['a task that is not there', { taskId: 't-1' }, 'task-unknown'],
  ])('with %s are refused', async (_what, changed, reason) => {
    expect(await message(changed)).toBe(reason);
  });

  it('with a place to push to are refused: nothing that a peer names is fetched', async () => {
    const url = 'http://127.0.0.1:18789/hooks/wake';
    expect(await message({}, { taskPushNotificationConfig: { url } })).toBe('push-unsupported');
    expect(await message({}, { pushNotificationConfig: { url } })).toBe('push-unsupported');
    expect(await message({}, { blocking: true })).toBe('params-invalid');
  });

  it('say where they are wrong', async () => {
    const answer = await send(listener.port, { body: sendMessageBody({ parts: [{ text: 7 }] }) });
    expect(rpc(answer).error?.message).toContain('params.message.parts[0].text');
  });
});
