import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeId } from '../../src/core/peer.ts';
import { AgentPeerError } from '../../src/errors.ts';
import type { Tailnet, TailnetNode } from '../../src/ports/tailnet.ts';

/** What the fakes answer; tests change it while they run. Loopback addresses stand in for tailnet ones. */
export interface TailnetState {
  backendState: string;
  tun: boolean;
  self: TailnetNode | null;
  peers: TailnetNode[];
  keyExpiresAt: number | null;
  /** tailscaled cannot be asked at all. */
  down: boolean;
}

export function tailnetNode(nodeId: string, ipv4: string | null): TailnetNode {
  const login = `${nodeId}@example.com`;
  return {
    nodeId: nodeId as NodeId,
    dnsName: `${nodeId}.lab.internal`,
    hostName: nodeId,
    login,
    ipv4,
    online: true,
  };
}

export function tailnetState(self: TailnetNode, peers: readonly TailnetNode[] = []): TailnetState {
  return { backendState: 'Running', tun: true, self, peers: [...peers], keyExpiresAt: null, down: false };
}

function nodeAt({ self, peers }: TailnetState, address: string): TailnetNode | null {
  return [...(self === null ? [] : [self]), ...peers].find(({ ipv4 }) => ipv4 === address) ?? null;
}

/** The port itself, without a socket. */
export function fakeTailnet(state: TailnetState): Tailnet {
  const whenUp = (): Promise<void> =>
    state.down
      ? Promise.reject(new AgentPeerError('tailnet-unavailable', 'the fake is down', 'Set down to false'))
      : Promise.resolve();
  return {
    status: async () => {
      await whenUp();
      const { backendState, tun, self, peers, keyExpiresAt } = state;
      return { backendState, tun, version: '1.102.3', health: [], self, keyExpiresAt, peers };
    },
    whois: async (address) => {
      await whenUp();
      return nodeAt(state, address);
    },
  };
}

function statusPeer({ nodeId, dnsName, hostName, ipv4, online }: TailnetNode, userId: number) {
  const TailscaleIPs = [...(ipv4 === null ? [] : [ipv4]), 'fd7a:115c:a1e0::1'];
  return {
    ID: nodeId,
    UserID: userId,
    DNSName: `${dnsName}.`,
    HostName: hostName,
    TailscaleIPs,
    Online: online,
  };
}

/** tailscaled leaves it out when the key does not expire. */
function keyExpiry(at: number | null) {
  return at === null ? {} : { KeyExpiry: new Date(at).toISOString() };
}

/** In tailscaled's own shape, as 1.102.3 answers it, cut to what anyone reads. */
function statusBody({ backendState, tun, self, peers, keyExpiresAt }: TailnetState): unknown {
  const users = [...(self === null ? [] : [self]), ...peers].map(({ login }, i) => [
    i,
    { ID: i, LoginName: login },
  ]);
  const first = self === null ? 0 : 1;
  return {
    Version: '1.102.3-ERR-BuildInfo',
    TUN: tun,
    BackendState: backendState,
    Health: backendState === 'Running' ? null : ['not connected'],
    Self: self === null ? null : { ...statusPeer(self, 0), ...keyExpiry(keyExpiresAt) },
    Peer:
      peers.length === 0
        ? null
        : Object.fromEntries(peers.map((p, i) => [`nodekey:${i}`, statusPeer(p, i + first)])),
    User: Object.fromEntries(users) as Record<string, unknown>,
  };
}

function whoisBody({ nodeId, dnsName, hostName, login, ipv4 }: TailnetNode): unknown {
  return {
    Node: {
      ID: 7,
      StableID: nodeId,
      Name: `${dnsName}.`,
      Addresses: [`${ipv4}/32`],
      Hostinfo: { Hostname: hostName },
    },
    UserProfile: { ID: 7, LoginName: login },
    CapMap: null,
  };
}

function answerLocalApi(state: TailnetState, req: IncomingMessage, res: ServerResponse): void {
  if (req.headers.host !== 'local-tailscaled.sock')
    return void res.writeHead(403).end('invalid localapi request');
  const url = new URL(req.url ?? '/', 'http://local-tailscaled.sock');
  if (url.pathname === '/localapi/v0/status') return void res.end(JSON.stringify(statusBody(state)));
  const address = (url.searchParams.get('addr') ?? '').replace(/:\d+$/, '');
  const node = nodeAt(state, address);
  if (node === null) return void res.writeHead(404).end('no match for IP:port');
  res.end(JSON.stringify(whoisBody(node)));
}

export interface FakeLocalApi {
  readonly socketPath: string;
  /** Requests seen, as `METHOD target`. */
  readonly seen: readonly string[];
  /** Answers in place of the state's while it is set. */
  instead: ((req: IncomingMessage, res: ServerResponse) => void) | null;
  /** Closes the socket and listens on a new one at the same path, as a restarted tailscaled does. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** tailscaled's LocalAPI on a unix socket: status and whois. */
export async function startFakeLocalApi(state: TailnetState): Promise<FakeLocalApi> {
  const folder = await mkdtemp(join(tmpdir(), 'localapi-'));
  const socketPath = join(folder, 'tailscaled.sock');
  const seen: string[] = [];
  const start = async () => {
    const server = createServer((req, res) => {
      seen.push(`${req.method} ${req.url}`);
      if (fake.instead) fake.instead(req, res);
      else answerLocalApi(state, req, res);
    });
    server.listen(socketPath);
    await once(server, 'listening');
    return server;
  };
  const fake: FakeLocalApi = {
    socketPath,
    seen,
    instead: null,
    restart: async () => {
      await stop(server);
      server = await start();
    },
    close: async () => {
      await stop(server);
      await rm(folder, { recursive: true });
    },
  };
  let server = await start();
  return fake;
}
