/**
 * How a notice leaves this stack: as one request in the form of ntfy, to the server that the owner named and nowhere
 * else. What else comes back than a yes is told in words that give the server's address to nobody.
 */
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo, LookupFunction } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NOTICE_KINDS } from '../../src/core/notice.ts';
import { createWebhook, type WebhookParts } from '../../src/notices/webhook.ts';
import { startNoticeServer } from '../harness/notice-server.ts';
import { never } from '../harness/paired-gateway.ts';
import { freePort } from '../harness/run-main.ts';

const HELD = {
  kind: 'hold',
  text: 'bob: 2 messages wait for you to look at. Run: agent-peer held list',
} as const;

function webhookTo(url: string, over: Partial<WebhookParts> = {}) {
  return createWebhook({ url, token: null, name: 'home', timeoutMs: 10_000, ...over });
}

/** Says that every name is there. */
function namesAt(...addresses: readonly string[]): LookupFunction {
  return (_host, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
}

/** A port that takes connections, which are counted. */
async function countingPort() {
  const count = { connections: 0 };
  const server = createServer((socket) => {
    count.connections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { count, port: (server.address() as AddressInfo).port };
}

describe('what the server gets', () => {
  it('is the text, with all else in headers as ntfy reads them', async () => {
    const server = await startNoticeServer();
    expect(await webhookTo(server.url, { token: 'tk_abc' }).tell(HELD, never)).toBeNull();
    expect(server.posted).toEqual([
      {
        method: 'POST',
        path: '/secret-topic?k=v',
        headers: {
          host: server.url.split('/')[2],
          connection: 'close',
          'content-type': 'text/plain; charset=utf-8',
          'content-length': String(HELD.text.length),
          title: 'agent-peer home: a message waits for you',
          priority: 'default',
          tags: 'eyes',
          authorization: 'Bearer tk_abc',
        },
        body: HELD.text,
      },
    ]);
  });

  it('has no token when there is none', async () => {
    const server = await startNoticeServer();
    await webhookTo(server.url).tell(HELD, never);
    expect(server.posted[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each(NOTICE_KINDS)('has headers in plain ASCII whatever the machine is called: %s', async (kind) => {
    const server = await startNoticeServer();
    const webhook = webhookTo(server.url, { name: 'büro\r\nX-Evil: 1' });
    expect(await webhook.tell({ kind, text: 'grün' }, never)).toBeNull();
    const { title, priority, tags } = server.posted[0]?.headers ?? {};
    expect(title).toMatch(/^agent-peer b\?ro\?\?X-Evil: 1: [a-z ]{10,}$/);
    expect(['default', 'high']).toContain(priority);
    expect(tags).toMatch(/^[a-z_]+$/);
    expect(server.posted[0]?.body).toBe('grün');
  });
});

describe('a server that does not take it', () => {
  it.each([
    [500, 'HTTP 500'],
    [429, 'HTTP 429'],
    [404, 'HTTP 404'],
  ])('answers %i', async (status, words) => {
    const server = await startNoticeServer();
    server.answer = (response) => void response.writeHead(status).end('secret-topic is unknown');
    expect(await webhookTo(server.url).tell(HELD, never)).toBe(words);
  });

  it.each([301, 302, 307, 308])('is not followed elsewhere: %i', async (status) => {
    const [server, other] = [await startNoticeServer(), await startNoticeServer()];
    server.answer = (response) => void response.writeHead(status, { location: other.url }).end();
    const failure = await webhookTo(server.url, { token: 'tk' }).tell(HELD, never);
    expect(failure).toBe(`HTTP ${status}: a redirect, which is not followed`);
    expect(other.posted).toEqual([]);
  });

  it('is given up when it hangs', async () => {
    const server = await startNoticeServer();
    server.answer = () => undefined;
    expect(await webhookTo(server.url, { timeoutMs: 100 }).tell(HELD, never)).toBe(
      'no answer within 0.1 seconds',
    );
  });

  it('has taken it when it says so, whatever it goes on to send', async () => {
    const server = await startNoticeServer();
    server.answer = (response) => void response.writeHead(200).write('x'.repeat(1000));
    expect(await webhookTo(server.url).tell(HELD, never)).toBeNull();
  });

  it('is let go when the stack stops', async () => {
    const server = await startNoticeServer();
    const stop = new AbortController();
    server.answer = () => stop.abort();
    expect(await webhookTo(server.url).tell(HELD, stop.signal)).not.toBeNull();
  });

  it('is down, and is not named', async () => {
    const port = await freePort();
    expect(await webhookTo(`http://127.0.0.1:${port}/secret-topic`).tell(HELD, never)).toBe('ECONNREFUSED');
    const lookup: LookupFunction = (host, _options, done) =>
      done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }), '');
    const failure = await webhookTo('http://my-secret-host.example/x', { lookup }).tell(HELD, never);
    expect(failure).toBe('ENOTFOUND');
  });
});

describe('an address of a tailnet', () => {
  it.each([
    'http://100.64.0.1/x',
    'https://100.101.102.103/x',
    'http://[fd7a:115c:a1e0::5]/x',
    'http://[::ffff:100.64.0.1]/x',
  ])('is not connected to when the URL has it: %s', async (url) => {
    expect(await webhookTo(url).tell(HELD, never)).toContain('on the tailnet');
  });

  it.each([
    ['the only one', ['100.64.0.9']],
    ['one of several', ['127.0.0.1', '100.64.0.9']],
    ['one of IPv6', ['fd7a:115c:a1e0::9']],
  ])('is not connected to when a name leads there: %s', async (_which, addresses) => {
    const { port, count } = await countingPort();
    const webhook = webhookTo(`http://bob.tail1234.ts.net:${port}/x`, { lookup: namesAt(...addresses) });
    expect(await webhook.tell(HELD, never)).toContain('on the tailnet');
    expect(count.connections).toBe(0);
  });

  it('is looked for at the very look-up that is connected by', async () => {
    const server = await startNoticeServer();
    const url = server.url.replace('127.0.0.1', 'ntfy.example');
    expect(await webhookTo(url, { lookup: namesAt('127.0.0.1') }).tell(HELD, never)).toBeNull();
    expect(server.posted).toHaveLength(1);
  });
});
