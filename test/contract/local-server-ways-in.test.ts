/**
 * The ways to the loopback API from outside the namespace, which an owner may open: a published port and a unix socket.
 *
 * Neither is there unless it was asked for, and neither is ever a wildcard or a tailnet address. A token is needed there even
 * where the stack's own gateway needs none: who can reach them is not known. A web page gets in by none of them, whatever name it
 * has bent to this machine, and the owner may add names that are meant.
 */
import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWaysIn } from '../../src/stack/ways-in.ts';
import type { LocalServer } from '../../src/local-server/server.ts';
import { AGENT, ask, startLocalStack, type Asking } from '../harness/local-stack.ts';
import { stockParams } from '../harness/loopback-calls.ts';
import { createMemoryLog } from '../harness/memory-log.ts';
import { tempFolder } from '../harness/temp-folder.ts';

/** Of this machine, and neither 127.0.0.1 nor a tailnet's. */
const ADDRESS = '127.0.0.2';
const PEERS = '/api/v1/peers';
const HELLO = { peer: 'bob', text: 'hello bob', waitSeconds: 0 };

/** A stack whose own gateway needs no token, with both ways opened. */
async function opened(hosts: readonly string[] = []) {
  const stack = await startLocalStack({ agentNeedsToken: false, hosts });
  const published = await stack.server.listenPublished(ADDRESS, 0);
  const socketPath = join(tempFolder(), 'local.sock');
  await stack.server.listenSocket(socketPath);
  const ways: Readonly<Record<string, (asking: Asking, path?: string) => ReturnType<typeof ask>>> = {
    'a published port': (asking, path = PEERS) => ask(published, path, { ...asking, at: { host: ADDRESS } }),
    'the socket': (asking, path = PEERS) => ask(0, path, { ...asking, at: { socketPath } }),
  };
  return { stack, ways, socketPath, published };
}

describe.each(['a published port', 'the socket'])('by %s', (name) => {
  async function way(hosts?: readonly string[]) {
    const { ways } = await opened(hosts);
    return ways[name] ?? expect.unreachable();
  }

  it('a token is needed, though the stack’s own gateway needs none', async () => {
    const { stack, ways } = await opened();
    const come = ways[name] ?? expect.unreachable();
    expect((await ask(stack.port, PEERS, { token: null })).status).toBe(200);
    expect((await come({ token: null })).json).toMatchObject({ status: 401, code: 'local-token-refused' });
    expect((await come({ token: AGENT })).status).toBe(200);
  });

  it.each([
    [
      '/mcp',
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'peer_send', arguments: HELLO } },
    ],
    ['/peers/bob/a2a/v1', { jsonrpc: '2.0', id: 1, method: 'SendMessage', params: stockParams('m-1') }],
  ])('what is beside the API has the same door: %s', async (path, body) => {
    const { stack, ways } = await opened();
    stack.addPeer('bob');
    const come = ways[name] ?? expect.unreachable();
    const accept = 'application/json, text/event-stream';
    const post = (token: string | null, headers: Record<string, string> = {}) =>
      come({ method: 'POST', token, body, headers: { accept, host: '127.0.0.1:28790', ...headers } }, path);
    const origin = 'http://127.0.0.1:18790';
    expect((await post(null)).json).toMatchObject({ status: 401, code: 'local-token-refused' });
    expect((await post(AGENT, { host: 'evil.example' })).json['code']).toBe('local-request-refused');
    expect((await post(AGENT, { origin })).json['code']).toBe('local-request-refused');
    expect(stack.store.outbox.list(1)).toEqual([]);
    expect((await post(AGENT)).status).toBe(200);
    expect(stack.store.outbox.list(2)).toMatchObject([{ peer: 'bob' }]);
  });

  it.each(['127.0.0.1:28790', 'localhost', 'LOCALHOST:18790'])(
    'the name of the machine’s loopback is its own, with the port that was published: %s',
    async (host) => {
      expect((await (await way())({ headers: { host } })).status).toBe(200);
    },
  );

  it.each<[string, Record<string, string>]>([
    ['another name', { host: 'evil.example' }],
    ['a name like its own', { host: '127.0.0.1.evil.example:18790' }],
    ['a name with an odd port', { host: '127.0.0.1:18790@evil.example' }],
    ['an Origin', { host: '127.0.0.1:18790', origin: 'http://127.0.0.1:18790' }],
    ['a browser', { host: '127.0.0.1:18790', 'sec-fetch-site': 'none' }],
  ])('%s is refused before the token', async (_what, headers) => {
    const { status, json } = await (await way())({ headers, token: null });
    expect([status, json['code']]).toEqual([403, 'local-request-refused']);
  });

  it('a program that calls it by another name is told how that name is added', async () => {
    const { json } = await (await way())({ headers: { host: 'host.docker.internal:18790' } });
    expect(json['fix']).toContain('AGENT_PEER_LOCAL_HOSTS');
  });

  it('a name that the owner has added is taken, with any port', async () => {
    const come = await way(['host.docker.internal']);
    expect((await come({ headers: { host: 'host.docker.internal:1234' } })).status).toBe(200);
    expect((await come({ headers: { host: 'docker.internal' } })).status).toBe(403);
  });
});

describe('on loopback', () => {
  it('a name that the owner has added is taken, and its own still need the port', async () => {
    const { port } = await startLocalStack({ hosts: ['stack.local'] });
    const status = async (host: string) => (await ask(port, PEERS, { headers: { host } })).status;
    expect(await status('stack.local:1')).toBe(200);
    expect(await status('127.0.0.1:1')).toBe(403);
  });
});

describe('the socket', () => {
  it('is for the user and the group of the proxy, and is gone when the proxy stops', async () => {
    const { stack, socketPath } = await opened();
    expect(statSync(socketPath).mode & 0o777).toBe(0o660);
    await stack.close(0);
    expect(existsSync(socketPath)).toBe(false);
  });

  it('takes the place of one that a killed proxy has left', async () => {
    const socketPath = await leftSocket();
    const { server } = await startLocalStack();
    await server.listenSocket(socketPath);
    expect((await ask(0, PEERS, { at: { socketPath } })).status).toBe(200);
  });

  it('takes the place of nothing else', async () => {
    const path = join(tempFolder(), 'notes.txt');
    writeFileSync(path, 'mine');
    const { server } = await startLocalStack();
    await expect(server.listenSocket(path)).rejects.toMatchObject({ code: 'port-taken' });
    expect(existsSync(path)).toBe(true);
  });
});

/** A socket that nobody listens on: its file has another name than the one that is removed when its server ends. */
async function leftSocket(): Promise<string> {
  const folder = tempFolder();
  const [bound, left] = [join(folder, 'bound'), join(folder, 'left')];
  const dead = createServer().listen(bound);
  await once(dead, 'listening');
  renameSync(bound, left);
  dead.close();
  await once(dead, 'close');
  return left;
}

describe('the stack', () => {
  const TAILNET = { address: '100.64.0.7', loopback: false };
  const LOOPBACK = { address: '127.0.0.1', loopback: true };
  const IPV6 = { address: 'fe80::1', loopback: false };
  const ETH0 = { address: '172.18.0.2', loopback: false };

  /** Where it would listen. */
  async function places(
    waysIn: { isPublished: boolean; socket: string | null },
    addresses: readonly { address: string; loopback: boolean }[],
  ) {
    const at: string[] = [];
    const server: Pick<LocalServer, 'listen' | 'listenPublished' | 'listenSocket'> = {
      listen: (host, port) => Promise.resolve(void at.push(`${host}:${port}`)),
      listenPublished: (host, port) => Promise.resolve(at.push(`published ${host}:${port}`)),
      listenSocket: (path) => Promise.resolve(void at.push(`socket ${path}`)),
    };
    const config = { localPort: 18_790, waysIn: { ...waysIn, hosts: [] } };
    const parts = { config, log: createMemoryLog(), addresses: () => addresses };
    await openWaysIn(server, parts);
    return at;
  }

  it('opens loopback alone, unless its owner says otherwise', async () => {
    const at = await places({ isPublished: false, socket: null }, [LOOPBACK, ETH0, TAILNET]);
    expect(at).toEqual(['127.0.0.1:18790']);
  });

  it('publishes from its own network alone: never from the tailnet, never from everywhere', async () => {
    const at = await places({ isPublished: true, socket: '/data/s' }, [LOOPBACK, IPV6, TAILNET, ETH0]);
    expect(at).toEqual(['127.0.0.1:18790', 'published 172.18.0.2:18790', 'socket /data/s']);
  });

  it('says so when there is nothing to publish from', async () => {
    const failed = places({ isPublished: true, socket: null }, [LOOPBACK, TAILNET]);
    await expect(failed).rejects.toMatchObject({ code: 'namespace-dead' });
  });
});

it('a stack that listens nowhere else is not reached there', async () => {
  const { port } = await startLocalStack();
  await expect(ask(port, PEERS, { at: { host: ADDRESS } })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
