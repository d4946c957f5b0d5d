/**
 * What is read of a peer through loopback: its health, and its agent card.
 *
 * The peer is asked now, at the address that its node has, from our own address and with the token that it gave us; nothing of
 * the client's request goes along. Of the answer only what is understood comes back, and whatever goes wrong is a problem
 * document that says what it was: a refusal of the peer in its words, a redirect that nobody follows, too much, too late, or
 * nobody there. The card names this listener in the place of every address of the peer's.
 */
import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import type { PeerReadsDeps } from '../../src/peer-transport/peer-reads.ts';
import { tailnetNode } from '../harness/fake-tailnet.ts';
import { AGENT, ask, OWNER, startLocalStack } from '../harness/local-stack.ts';
import { BOB, sampleOutboundGrant } from '../harness/samples.ts';
import { json, startScriptedListener } from '../harness/scripted-listener.ts';

const BOBS_ADDRESS = '127.0.0.2';
const HEALTH = '/peers/bob/health';
const CARD = '/peers/bob/.well-known/agent-card.json';

async function withBob(readLimits: PeerReadsDeps['limits'] = {}) {
  const listener = await startScriptedListener(BOBS_ADDRESS);
  const stack = await startLocalStack({ peerPort: listener.port, readLimits });
  stack.addPeer('bob');
  stack.tailnet.peers = [tailnetNode('nbob', BOBS_ADDRESS)];
  const read = (path = HEALTH, headers: Record<string, string> = {}) =>
    ask(stack.port, path, { token: AGENT, headers });
  return { listener, stack, read };
}

describe('a read', () => {
  it('asks the peer with its token and from our address, and takes nothing of the client along', async () => {
    const { listener, stack, read } = await withBob();
    listener.answer = json(
      200,
      { status: 'ok', version: '1.2.3', path: '/secret' },
      { 'set-cookie': 'a=b', server: 'x' },
    );
    const answer = await read(HEALTH, {
      ...{
        cookie: 'c=d',
        'x-forwarded-for': '1.2.3.4',
        'x-forwarded-host': 'evil.example',
        forwarded: 'for=1.2.3.4',
      },
      ...{
        'a2a-extensions': 'urn:x',
        'user-agent': 'a client',
        te: 'trailers',
        'proxy-authorization': 'Basic x',
      },
    });
    expect([answer.status, answer.json]).toEqual([200, { status: 'ok', version: '1.2.3' }]);
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.headers).not.toHaveProperty('server');
    const token = stack.store.peers.outboundToken(BOB);
    expect(listener.seen).toEqual([
      {
        line: 'GET /health',
        from: '127.0.0.1',
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${token}`,
          host: listener.origin.slice('http://'.length),
          connection: 'keep-alive',
        },
      },
    ]);
    expect(answer.text).not.toContain(token);
  });

  it('goes where the peer listens, and nowhere else on its node', async () => {
    const { listener, stack, read } = await withBob();
    const other = await startScriptedListener(BOBS_ADDRESS);
    other.answer = json(200, { status: 'ok' });
    stack.store.peers.setReplies(BOB, { mode: 'send-back', port: other.port });
    expect((await read()).status).toBe(200);
    expect([listener.seen.length, other.seen.length]).toEqual([0, 1]);
  });

  it('keeps its connection for the next one', async () => {
    const { listener, read } = await withBob();
    await read();
    await read(HEALTH);
    expect([listener.seen.length, listener.connections()]).toEqual([2, 1]);
  });

  it('tells that a peer takes nothing now as the peer does', async () => {
    const { listener, read } = await withBob();
    listener.answer = json(503, { status: 'stack-not-ready' });
    const { status, json: body } = await read();
    expect([status, body]).toEqual([503, { status: 'stack-not-ready' }]);
  });

  it('is not made of a peer that agents here may not write to', async () => {
    const { listener, stack, read } = await withBob();
    stack.store.peers.removeGrant('outbound', BOB, 'any');
    expect((await read()).json['code']).toBe('not-granted');
    for (const alias of ['handoff', 'review'] as Alias[])
      stack.store.peers.putGrant(sampleOutboundGrant({ alias }));
    expect((await read()).status).toBe(200);
    expect((await read('/peers/nobody/health')).json).toMatchObject({ status: 404, code: 'peer-not-found' });
    await ask(stack.port, '/api/v1/peers/bob/revoke', { method: 'POST', token: OWNER });
    expect((await read()).json).toMatchObject({ status: 404, code: 'peer-not-found' });
    expect(listener.seen).toHaveLength(1);
  });

  it('stands in the audit log, the one that was refused too', async () => {
    const { stack, read } = await withBob();
    await read();
    stack.store.peers.removeGrant('outbound', BOB, 'any');
    await read(CARD);
    await read('/peers/nobody/health');
    const lines = stack.audit.read({ limit: 10 });
    const line = { direction: 'outbound', surface: 'local', peer: 'bob' };
    expect(lines.toReversed()).toMatchObject([
      { ...line, operation: 'health-read', allowed: true, reason: 'allowed' },
      { ...line, operation: 'card-read', allowed: false, reason: 'alias-not-granted' },
      { ...line, operation: 'health-read', allowed: false, reason: 'peer-unknown', peer: null },
    ]);
  });

  it.each<[string, Record<string, string>, number, string]>([
    ['a body', { 'content-length': '2' }, 400, 'input-invalid'],
    ['something to expect', { expect: '100-continue' }, 400, 'input-invalid'],
    ['an origin', { origin: 'http://127.0.0.1' }, 403, 'local-request-refused'],
  ])('with %s is refused, and the peer hears nothing of it', async (_what, headers, status, code) => {
    const { listener, stack } = await withBob();
    const body = 'content-length' in headers ? { body: '{}' } : {};
    const answer = await ask(stack.port, HEALTH, { token: AGENT, headers, ...body });
    expect([answer.status, answer.json['code']]).toEqual([status, code]);
    expect(listener.seen).toEqual([]);
  });

  it('is never upgraded', async () => {
    const { listener, stack } = await withBob();
    const socket = connect(stack.port, '127.0.0.1');
    socket.write(
      `GET ${HEALTH} HTTP/1.1\r\nHost: 127.0.0.1:${stack.port}\r\nAuthorization: Bearer ${AGENT}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    await once(socket, 'close');
    expect(Buffer.concat(pieces).toString()).toMatch(/^HTTP\/1\.1 403 .*local-request-refused/s);
    expect(listener.seen).toEqual([]);
  });
});

describe('an answer that is none', () => {
  const info = (reason: string) => ({
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    domain: 'agent-peer',
    reason,
  });
  const failure = (message: string, data: unknown = []) => ({
    jsonrpc: '2.0',
    id: null,
    error: { code: -32000, message, data },
  });

  it.each<[string, ReturnType<typeof json>, string, RegExp]>([
    [
      'a refusal',
      json(401, failure('?', [info('unauthenticated')])),
      'peer-refused',
      /unauthenticated: This stack does not know you/,
    ],
    [
      'one of a newer peer',
      json(403, failure('not\non Sundays', [info('sunday')])),
      'peer-refused',
      /says: "not on Sundays"/,
    ],
    ['one without words', (response) => void response.writeHead(401).end(), 'peer-refused', /HTTP 401/],
    [
      'a redirect',
      json(302, {}, { location: 'http://127.0.0.1:1/' }),
      'peer-incompatible',
      /redirect, HTTP 302/,
    ],
    ['a page', (response) => void response.writeHead(200).end('<html>'), 'peer-incompatible', /not JSON/],
    ['another JSON', json(200, { fine: true }), 'peer-incompatible', /no health/],
    ['what is not there', json(404, {}), 'peer-incompatible', /HTTP 404/],
    ['too much', json(200, { status: 'x'.repeat(300_000) }), 'peer-unreachable', /answer-too-large/],
    [
      'what breaks off',
      (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{');
        setImmediate(() => response.destroy());
      },
      'peer-unreachable',
      /no-connection/,
    ],
    ['no HTTP', (response) => void response.socket?.end('what?\r\n\r\n'), 'peer-unreachable', /not HTTP/],
  ])('%s is told as what it is', async (_what, answer, code, detail) => {
    const { listener, read } = await withBob();
    listener.answer = answer;
    const { status, json: problem, headers } = await read();
    expect([status, problem['code']]).toEqual([502, code]);
    expect(problem['detail']).toMatch(detail);
    expect(headers['content-type']).toMatch(/problem\+json/);
    expect(listener.seen).toHaveLength(1);
  });

  it.each<[string, ReturnType<typeof json>]>([
    ['never begins', () => undefined],
    ['never ends', (response) => void response.writeHead(200).write('{')],
  ])('that %s is not waited for', async (_what, answer) => {
    const { listener, read } = await withBob({ totalMs: 300 });
    listener.answer = answer;
    const { status, json: problem } = await read();
    expect([status, problem['code'], problem['detail']]).toEqual([
      502,
      'peer-unreachable',
      expect.stringContaining('no-answer: none within 300 ms'),
    ]);
  });

  it('because nobody is there, or the address is another node’s by now', async () => {
    const { listener, stack, read } = await withBob();
    stack.tailnet.peers = [tailnetNode('nbob', '127.0.0.9')];
    expect((await read()).json).toMatchObject({
      code: 'peer-unreachable',
      detail: expect.stringContaining('ECONNREFUSED') as string,
    });
    stack.tailnet.peers = [tailnetNode('nbob', null)];
    expect((await read()).json).toMatchObject({
      code: 'peer-unreachable',
      detail: expect.stringContaining('peer-node-unknown') as string,
    });
    stack.tailnet.down = true;
    expect((await read()).json).toMatchObject({ status: 503, code: 'tailnet-unavailable' });
    expect(listener.seen).toEqual([]);
  });
});

describe('the card of a peer', () => {
  it('names this listener in the place of each address, and only what can be done here', async () => {
    const { listener, stack, read } = await withBob();
    const there = `${listener.origin}/a2a/v1`;
    listener.answer = json(200, {
      name: 'bob',
      description: 'An agent',
      version: '2.0',
      documentationUrl: 'http://evil.example/',
      iconUrl: 'http://evil.example/i.png',
      supportedInterfaces: [{ url: `${there}/handoff`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
      capabilities: { streaming: true, pushNotifications: true },
      securityRequirements: [{ schemes: { bearer: { list: [] } } }],
      skills: [
        {
          id: 'handoff',
          name: 'handoff',
          description: `to write to, at ${there}/handoff`,
          tags: ['message'],
        },
      ],
    });
    const { status, json: card, text } = await read(CARD);
    const here = `http://127.0.0.1:${stack.port}/peers/bob/a2a/v1/handoff`;
    expect(status).toBe(200);
    expect(card).toMatchObject({
      name: 'bob',
      supportedInterfaces: [{ url: here, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
      skills: [{ id: 'handoff', description: `to write to, at ${here}` }],
    });
    expect(text).not.toMatch(/evil\.example|127\.0\.0\.2|"(?:streaming|pushNotifications)":true/);
    expect(card['securityRequirements'] ?? []).toEqual([]);
    expect(listener.seen[0]?.line).toBe('GET /.well-known/agent-card.json');
  });

  it('of another framework leads here as well', async () => {
    const { listener, stack, read } = await withBob();
    listener.answer = json(200, {
      name: 'Stock',
      url: 'x',
      supportedInterfaces: [{ url: 'https://stock.example/rpc' }],
    });
    const { json: card } = await read(CARD);
    expect(card).toMatchObject({
      name: 'Stock',
      supportedInterfaces: [{ url: `http://127.0.0.1:${stack.port}/peers/bob/a2a/v1` }],
    });
  });

  it('that is none is told as that', async () => {
    const { listener, read } = await withBob();
    listener.answer = json(200, { status: 'ok' });
    expect((await read(CARD)).json).toMatchObject({ status: 502, code: 'peer-incompatible' });
  });
});
