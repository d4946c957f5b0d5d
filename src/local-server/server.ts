import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { AgentPeerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { createApp, type Mount } from './app.ts';
import { health } from './health.ts';
import { problemBody } from './problem.ts';
import { createAuthenticator, type Role } from './roles.ts';
import { apiRoutes, type RouteDeps } from './api-routes.ts';

export interface LocalServerDeps extends RouteDeps {
  /** Protocols beside the API. */
  readonly mounts: readonly Mount[];
  readonly tokens: Readonly<Record<Role, string>>;
  /** Whoever names no token is an agent: only what runs in the namespace reaches this listener. */
  readonly agentNeedsToken: boolean;
  readonly limits: { readonly bodyBytes: number; readonly connections: number };
  readonly log: Log;
}

export interface LocalServer {
  /** Throws AgentPeerError `port-taken`. */
  listen(host: string, port: number): Promise<void>;
  /** Answers what is waiting with how it stands; cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
  /** The port that is listened on; 0 before. */
  port(): number;
}

const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
};

/** Without a listener of ours Node would leave an upgraded socket open, unanswered. */
function refuseUpgrade(socket: Duplex): void {
  const problem = problemBody(
    new AgentPeerError('local-request-refused', 'this listener upgrades nothing', 'Use plain HTTP'),
  );
  const body = JSON.stringify(problem);
  const head = [
    'HTTP/1.1 403 Forbidden',
    'connection: close',
    'content-type: application/problem+json',
    `content-length: ${body.length}`,
  ];
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function listenOn(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const what = `cannot listen on ${host}:${port}: ${messageOf(cause)}`;
      reject(
        new AgentPeerError('port-taken', what, 'Stop what uses the port, or set AGENT_PEER_LOCAL_PORT', {
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(cut);
}

/** The API for this machine: the local agent and its owner, on loopback only. */
export function createLocalServer(deps: LocalServerDeps): LocalServer {
  const closing = new AbortController();
  const app = createApp({
    routes: apiRoutes(deps),
    mounts: deps.mounts,
    authenticate: createAuthenticator(deps.tokens, deps.agentNeedsToken),
    health: () => health(deps.tailnet, deps.gateway),
    bodyBytes: deps.limits.bodyBytes,
    closing: closing.signal,
    log: deps.log,
  });
  const server = createServer({ ...TIMEOUTS, maxHeaderSize: 16 * 1024 }, app);
  server.maxConnections = deps.limits.connections;
  server.on('upgrade', (_request, socket) => refuseUpgrade(socket));
  return {
    listen: (host, port) => listenOn(server, host, port),
    close: (graceMs) => {
      closing.abort();
      return closeServer(server, graceMs);
    },
    port: () => {
      const address = server.address();
      return address === null || typeof address === 'string' ? 0 : address.port;
    },
  };
}
