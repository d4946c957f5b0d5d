import { once } from 'node:events';
import type { RequestListener, Server, ServerResponse } from 'node:http';
import { isIPv4, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentPeerError, messageOf } from '../errors.ts';
import type { Peer } from '../core/peer.ts';
import { createApp } from './app.ts';
import { createCuts } from './cuts.ts';
import type { Deps, PeerServerDeps } from './deps.ts';
import { newExchange, record } from './exchange.ts';
import { PEER_SERVER_LIMITS } from './limits.ts';
import { createPlaces } from './places.ts';
import { createRateLimits } from './rate-limits.ts';
import { createStrictHttpServer, type OnRefused } from './strict-http.ts';

export interface PeerServer {
  /**
   * Listens on one IPv4 address only. Throws AgentPeerError `port-taken`, `tailnet-unavailable` when the address is on
   * no interface, `internal-error` for anything else, a wildcard address among it.
   */
  listen(host: string, port: number): Promise<void>;
  /** The port listened on, chosen by the system when 0 was asked for; null when not listening. */
  port(): number | null;
  /** Ends what a peer has open here: its waits are judged again, and then its node's connections are closed. */
  cut(peer: Pick<Peer, 'name' | 'nodeId'>): void;
  /** Takes no new request, answers those that wait for a reply with the task as it is, and closes within `graceMs`. */
  close(graceMs: number): Promise<void>;
}

function listenError(error: unknown, host: string, port: number): AgentPeerError {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  const where = `the peer listener at ${host}:${port}`;
  if (code === 'EADDRINUSE') {
    const fix = 'Stop the program that has it, or set AGENT_PEER_PORT to another port on both machines';
    return new AgentPeerError('port-taken', `${where}: the port is taken`, fix);
  }
  if (code === 'EADDRNOTAVAIL') {
    const fix = 'Wait until tailscaled has brought the address up, then start again';
    return new AgentPeerError('tailnet-unavailable', `${where}: the address is on no interface`, fix);
  }
  return new AgentPeerError('internal-error', `${where}: ${messageOf(error)}`, 'See the log', {
    cause: error,
  });
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  if (!isIPv4(host) || host === '0.0.0.0') {
    const fix = 'Give it the tailnet IPv4 address of this node';
    throw new AgentPeerError('internal-error', `the peer listener cannot have the address ${host}`, fix);
  }
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw listenError(error, host, port);
  }
}

async function close(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const over = new AbortController();
  const grace = sleep(graceMs, undefined, { signal: over.signal }).then(
    () => server.closeAllConnections(),
    () => undefined,
  );
  await closed;
  over.abort();
  await grace;
}

function boundTo(server: Server): AddressInfo | null {
  const address = server.address();
  return typeof address === 'object' ? address : null;
}

function originOf(server: Server): string {
  const { address = '', port = 0 } = boundTo(server) ?? {};
  return `http://${address}:${port}`;
}

/** The parts' own view of what they were given, with the counters that this listener has for its limits. */
function depsOf(given: PeerServerDeps, origin: () => string): Deps {
  const limits = { ...PEER_SERVER_LIMITS, ...given.limits };
  const waits = createPlaces({ each: limits.waitsPerPeer, all: limits.waits });
  return { ...given, limits, rates: createRateLimits(limits), cuts: createCuts(), waits, origin };
}

/** The peer listener: the one door of this stack to the tailnet. */
export function createPeerServer(given: PeerServerDeps): PeerServer {
  const deps = depsOf(given, () => originOf(server));
  const closing = new AbortController();
  const signalFor = (res: ServerResponse) => {
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    res.setTimeout(deps.limits.waitMs + deps.limits.idleMs);
    return AbortSignal.any([closing.signal, gone.signal]);
  };
  const app = createApp(deps, { closing: () => closing.signal.aborted, signalFor });
  const answering = new Set<ServerResponse>();
  const onRefused: OnRefused = (reason, address) => {
    record(deps, newExchange('socket'), false, reason);
    void deps.rates.countRefusal(address, reason);
  };
  const listener: RequestListener = (req, res) => {
    answering.add(res);
    res.once('close', () => answering.delete(res));
    app(req, res);
  };
  const server = createStrictHttpServer(deps.limits, listener, onRefused);
  return {
    listen: (host, port) => listen(server, host, port),
    port: () => boundTo(server)?.port ?? null,
    cut: (peer) => deps.cuts.cut(peer),
    close: (graceMs) => {
      for (const res of answering) if (!res.headersSent) res.setHeader('connection', 'close');
      closing.abort();
      return close(server, graceMs);
    },
  };
}
