/**
 * One attempt to hand a message over: to the address that the peer's node has now, from our own tailnet address, with
 * nothing followed and nothing read beyond a limit. Only the peer's stack itself can end a message; all that is not
 * its answer keeps it. The peer token is in no result and in no log.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OutboxEvent } from '../../src/core/outbox.ts';
import type { NodeId } from '../../src/core/peer.ts';
import { createPairTransport } from '../../src/peer-transport/pair-transport.ts';
import { fakeTailnet, tailnetNode } from '../harness/fake-tailnet.ts';
import { ADDRESS, TOKEN } from '../harness/peer-listener.ts';
import { createSender, NOW } from '../harness/sending-peer.ts';

interface Seen {
  readonly remoteAddress: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: { params: { configuration: object; message: { metadata: object } } };
}

let answer: (req: IncomingMessage, res: ServerResponse) => void = () => undefined;
let seen: Seen[] = [];
const results: OutboxEvent[] = [];
const peer = createServer((req, res) => {
  void (async () => {
    const body = (await json(req)) as Seen['body'];
    seen.push({ remoteAddress: req.socket.remoteAddress, url: req.url, headers: req.headers, body });
    answer(req, res);
  })();
});
let port = 0;
beforeAll(async () => {
  peer.listen(0, ADDRESS.self);
  await once(peer, 'listening');
  port = (peer.address() as AddressInfo).port;
});
afterEach(() => {
  seen = [];
});
afterAll(() => {
  expect(JSON.stringify(results)).not.toContain(TOKEN.bob);
  peer.closeAllConnections();
  peer.close();
});

const LIMITS = { connectMs: 300, answerMs: 300, peerWaitMs: 100 };
function sender(localAddress?: string) {
  const made = createSender({
    port,
    limits: LIMITS,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  const deliver = async (...args: Parameters<typeof made.deliver>) => {
    const event = await made.deliver(...args);
    results.push(event);
    expect(made.logged.join('')).not.toContain(TOKEN.bob);
    return event;
  };
  return { ...made, deliver };
}

const answering = (body: unknown, status = 200, headers = {}) => {
  answer = (_req, res) =>
    res.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
};
const result = (value: object, id: unknown = 'm-1') => ({ jsonrpc: '2.0', id, result: value });
const task = (state: string, more: object = {}) =>
  result({ task: { id: 't-1', status: { state: `TASK_STATE_${state}` }, ...more } });
const error = (code: number, reason?: string, id: unknown = 'm-1', domain = 'agent-peer') => ({
  jsonrpc: '2.0',
  id,
  error: {
    code,
    message: 'x',
    ...(reason === undefined ? {} : { data: [{ '@type': 'y', reason, domain }] }),
  },
});

describe('where a message goes', () => {
  it('is the address that the node has now, from our own address, with the peer’s token', async () => {
    answering(task('SUBMITTED'));
    const { deliver, tailnet } = sender();
    tailnet.peers = [tailnetNode('nself', '127.0.0.77')];
    await deliver();
    expect(seen).toEqual([]);
    tailnet.peers = [tailnetNode('nself', ADDRESS.self)];
    expect(await deliver()).toEqual({ kind: 'receipt', taskId: 't-1' });
    expect(seen).toMatchObject([
      { remoteAddress: ADDRESS.bob, url: '/a2a/v1/inbox', headers: { authorization: `Bearer ${TOKEN.bob}` } },
    ]);
  });

  it('is nowhere when our own address is on no interface: nothing is sent by another one', async () => {
    const event = await sender('192.0.2.1').deliver();
    expect(event).toMatchObject({
      kind: 'not-delivered',
      detail: expect.stringContaining('own-address-missing') as string,
    });
    expect(seen).toEqual([]);
  });

  it.each<[string, (it: ReturnType<typeof sender>) => void, string]>([
    ['the node is gone', ({ tailnet }) => void (tailnet.peers = []), 'peer-node-unknown'],
    [
      'the node has no IPv4',
      ({ tailnet }) => void (tailnet.peers = [tailnetNode('nself', null)]),
      'peer-node-unknown',
    ],
    [
      'the node’s address belongs to another node',
      ({ tailnet }) =>
        void (tailnet.peers = [tailnetNode('nother', ADDRESS.self), tailnetNode('nself', ADDRESS.self)]),
      'peer-node-changed: the address of node nself belongs to node nother now',
    ],
    ['tailscaled cannot be asked', ({ tailnet }) => void (tailnet.down = true), 'tailnet-unavailable'],
    ['no token is stored', ({ state }) => void (state.token = null), 'peer-token-missing'],
    ['the peer was revoked', ({ state }) => void (state.peerState = 'revoked'), 'peer-revoked'],
    ['the pairing is over', ({ state }) => void (state.expiresAt = NOW), 'peer-expired'],
    ['the token cannot be a header', ({ state }) => void (state.token = 'a\nb'), 'internal-error'],
  ])('is nowhere when %s', async (_what, breakIt, detail) => {
    const made = sender();
    breakIt(made);
    expect(await made.deliver()).toMatchObject({
      kind: 'not-delivered',
      detail: expect.stringContaining(detail) as string,
    });
    expect(seen).toEqual([]);
  });

  it('is not the address that its node had, once that is another node’s', async () => {
    answering(task('SUBMITTED'));
    const { deliver, tailnet } = sender();
    expect(await deliver()).toMatchObject({ kind: 'receipt' });
    tailnet.peers = [tailnetNode('nother', ADDRESS.self)];
    expect(await deliver()).toMatchObject({
      kind: 'not-delivered',
      detail: expect.stringMatching(/^peer-node-changed: /) as string,
    });
    tailnet.peers = [];
    expect(await deliver()).toMatchObject({
      detail: expect.stringMatching(/^peer-node-unknown: /) as string,
    });
    expect(seen).toHaveLength(1);
    tailnet.peers = [tailnetNode('nself', ADDRESS.self)];
    expect(await deliver()).toMatchObject({ kind: 'receipt' });
  });

  it('is, for pairing too, no address that belongs to another node', async () => {
    const { tailnet } = sender();
    tailnet.peers = [tailnetNode('nother', ADDRESS.self), tailnetNode('nself', ADDRESS.self)];
    const pairing = createPairTransport({ tailnet: fakeTailnet(tailnet), localAddress: ADDRESS.bob, port });
    const news = { type: 'news', confirmed: true, ready: false } as const;
    const answer = await pairing.send('nself' as NodeId, TOKEN.bob, news, new AbortController().signal);
    expect(answer).toEqual({
      kind: 'unreachable',
      detail: expect.stringMatching(/^peer-node-changed: /) as string,
    });
    expect(seen).toEqual([]);
  });

  it('is not where a redirect points', async () => {
    answering('', 307, { location: `http://${ADDRESS.self}:${port}/elsewhere` });
    expect(await sender().deliver()).toEqual({ kind: 'not-delivered', detail: 'redirect-refused: HTTP 307' });
    expect(seen).toHaveLength(1);
  });
});

describe('what is asked', () => {
  it('is a receipt at first, and the reply once there is a receipt', async () => {
    answering(task('WORKING'));
    const { deliver } = sender();
    await deliver();
    await deliver({ state: 'accepted', taskId: 't-1' }, 50);
    await deliver({ state: 'accepted', taskId: 't-1' }, 0);
    const asked = seen.map(({ body }) => body.params.configuration);
    expect(asked).toMatchObject([{ returnImmediately: true }, {}, { returnImmediately: true }]);
    expect(asked[1]).not.toHaveProperty('returnImmediately');
  });

  it('tells hop and what is left of the time to live', async () => {
    answering(task('WORKING'));
    await sender().deliver({ hop: 2, expiresAt: 1_800_000_000_001 });
    expect(seen[0]?.body.params.message.metadata).toEqual({
      'urn:agent-peer:message:1': { hop: 2, ttlSeconds: 1 },
    });
  });
});

describe('answers', () => {
  const outcome = (word: string) => ({
    status: {
      state: 'TASK_STATE_FAILED',
      message: { metadata: { 'urn:agent-peer:message:1': { outcome: word } } },
    },
  });
  it.each<[string, unknown, number, object]>([
    ['submitted', task('SUBMITTED'), 200, { kind: 'receipt', taskId: 't-1' }],
    ['working', task('WORKING'), 200, { kind: 'receipt', taskId: 't-1' }],
    [
      'completed',
      task('COMPLETED', {
        artifacts: [{ parts: [{ text: 'a' }, { url: 'http://x' }] }, { parts: [{ text: 'b' }] }],
      }),
      200,
      { kind: 'replied', taskId: 't-1', reply: 'a\nb' },
    ],
    ['completed silently', task('COMPLETED'), 200, { kind: 'replied', taskId: 't-1', reply: null }],
    [
      'a message in place of a task',
      result({ message: { messageId: 'r-1', parts: [{ text: 'hi' }] } }),
      200,
      { kind: 'replied', taskId: 'r-1', reply: 'hi' },
    ],
    ['failed', task('FAILED'), 200, { kind: 'failed' }],
    ['uncertain', task('', outcome('uncertain')), 200, { kind: 'uncertain' }],
    ['expired', task('', outcome('expired')), 200, { kind: 'expired' }],
    ['rejected by another framework', task('REJECTED'), 200, { kind: 'refused', reason: 'unknown' }],
    ['cancelled', task('CANCELED'), 200, { kind: 'cancelled-there', taskId: 't-1' }],
    ['wanting more', task('INPUT_REQUIRED'), 200, { kind: 'failed' }],
    [
      'our refusal',
      error(-32000, 'alias-not-granted'),
      403,
      { kind: 'refused', reason: 'alias-not-granted' },
    ],
    [
      'our refusal before it had an id',
      error(-32000, 'unauthenticated', null),
      401,
      { kind: 'refused', reason: 'unauthenticated' },
    ],
    ['our refusal with 200', error(-32602, 'text-empty'), 200, { kind: 'refused', reason: 'text-empty' }],
    ['our refusal that may pass', error(-32000, 'stack-not-ready', null), 503, { kind: 'not-delivered' }],
    ['a refusal of a newer peer', error(-32000, 'budget-spent'), 200, { kind: 'refused', reason: 'unknown' }],
    ['a wait of a newer peer', error(-32000, 'too-many'), 429, { kind: 'not-delivered' }],
    [
      'a refusal in another domain',
      error(-32602, 'TEXT', 'm-1', 'x'),
      200,
      { kind: 'refused', reason: 'unknown' },
    ],
    ['an error inside another framework', error(-32603), 200, { kind: 'not-delivered' }],
    ['a 401 of another framework', 'no', 401, { kind: 'refused', reason: 'unknown' }],
    ['a server that is not the peer’s', '<html>', 404, { kind: 'not-delivered' }],
    ['a broken server', 'oops', 500, { kind: 'not-delivered' }],
    ['HTML', '<html>', 200, { kind: 'not-delivered' }],
    ['duplicate keys', '{"jsonrpc":"2.0","id":"m-1","id":"m-1","result":{}}', 200, { kind: 'not-delivered' }],
    ['an answer to another request', result(task('WORKING').result, 'm-2'), 200, { kind: 'not-delivered' }],
    ['a refusal of another request', error(-32000, 'text-empty', 'm-2'), 200, { kind: 'not-delivered' }],
    ['no state', task(''), 200, { kind: 'not-delivered' }],
    ['nothing', result({}), 200, { kind: 'not-delivered' }],
    ['201', task('WORKING'), 201, { kind: 'not-delivered' }],
  ])('%s', async (_what, body, status, event) => {
    answering(body, status);
    expect(await sender().deliver()).toMatchObject(event);
  });

  it.each<[string, string, number | undefined]>([
    ['seconds', '120', 120_000],
    ['a date', new Date(NOW + 90_000).toUTCString(), 90_000],
    ['a date that is over', new Date(NOW - 90_000).toUTCString(), 0],
    ['more than an hour', '86400', 3_600_000],
    ['a date far ahead', 'Fri, 31 Dec 9999 23:59:59 GMT', 3_600_000],
    ['a negative number', '-5', undefined],
    ['a fraction', '1.5', undefined],
    ['another form of date', new Date(NOW + 90_000).toISOString(), undefined],
    ['a date that is none', 'Fri, 99 Foo 2027 23:59:59 GMT', undefined],
    ['nothing', '', undefined],
  ])('that ask to wait, with %s, are waited for', async (_what, header, waitMs) => {
    for (const [body, status] of [
      [error(-32000, 'sends-exceeded'), 429],
      ['<html>', 503],
    ] as const) {
      answering(body, status, { 'retry-after': header });
      const event = await sender().deliver();
      expect(event).toMatchObject({ kind: 'not-delivered' });
      expect(event.kind === 'not-delivered' ? event.retryAfterMs : null).toBe(waitMs);
    }
  });

  const held = (word: unknown) => ({
    status: {
      state: 'TASK_STATE_SUBMITTED',
      message: { metadata: { 'urn:agent-peer:message:1': { held: word } } },
    },
  });
  it.each([
    ['turns-per-hour', 'turns-per-hour'],
    ['reply', 'reply'],
    ['a-word-of-a-newer-peer', 'grant'],
  ])('that it waits for a person there, for %s', async (word, read) => {
    answering(task('', held(word)));
    expect(await sender().deliver()).toEqual({ kind: 'receipt', taskId: 't-1', held: read });
  });

  it('that say so in no word are a receipt', async () => {
    answering(task('', held({ why: 'x' })));
    expect(await sender().deliver()).toEqual({ kind: 'receipt', taskId: 't-1' });
  });

  const refused = (note?: unknown) => ({
    status: {
      state: 'TASK_STATE_REJECTED',
      message: { metadata: { 'urn:agent-peer:message:1': { outcome: 'refused', note } } },
    },
  });
  it.each([
    ['ask me first', ' and says: ask me first'],
    ['\u001b[2Jrefused\nstate  answered\u202e', ' and says: [2Jrefused state answered'],
    ['x'.repeat(10_000), ` and says: ${'x'.repeat(500)}`],
    [' \n', ''],
    [undefined, ''],
    [{ text: 'x' }, ''],
  ])('that a person there refused it, with the note %j', async (note, words) => {
    answering(task('', refused(note)));
    expect(await sender().deliver()).toEqual({
      kind: 'refused',
      reason: 'hold-refused',
      detail: `a person at the peer refused it${words}`,
    });
  });

  it('about another task than the one of the receipt do not count', async () => {
    answering(task('COMPLETED'));
    const event = await sender().deliver({ state: 'accepted', taskId: 't-other' }, 50);
    expect(event).toMatchObject({ kind: 'not-delivered' });
  });

  it('that are too large, half, or never come keep the message', async () => {
    const details = [];
    answering('x'.repeat(1024 * 1024 + 1));
    details.push(await sender().deliver());
    answer = (_req, res) => {
      res.write('{"jsonrpc"');
      setTimeout(() => res.destroy(), 20);
    };
    details.push(await sender().deliver());
    answer = () => undefined;
    details.push(await sender().deliver());
    expect(details.map((event) => event.kind)).toEqual(Array(3).fill('not-delivered'));
    expect(details[0]).toMatchObject({ detail: expect.stringContaining('answer-too-large') as string });
    expect(details[2]).toMatchObject({ detail: 'no-answer: none within 600 ms' });
  });

  it('are not waited for any more when this stack shuts down', async () => {
    answer = () => undefined;
    const event = await sender().deliver({}, 0, AbortSignal.timeout(30));
    expect(event).toMatchObject({ detail: expect.stringContaining('shutting down') as string });
  });
});
