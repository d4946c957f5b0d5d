import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { AgentPeerError, messageOf } from '../errors.ts';
import { problemBody } from './problem.ts';

/** Where a listener is bound. */
export type Place = { readonly host: string; readonly port: number } | { readonly path: string };

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

export function createListener(serve: RequestListener, connections: number): Server {
  const server = createServer({ ...TIMEOUTS, maxHeaderSize: 16 * 1024 }, serve);
  server.maxConnections = connections;
  server.on('upgrade', (_request, socket) => refuseUpgrade(socket));
  return server;
}

const nameOf = (place: Place) => ('path' in place ? place.path : `${place.host}:${place.port}`);

function untaken(place: Place, cause: unknown): AgentPeerError {
  const variable = 'path' in place ? 'AGENT_PEER_LOCAL_SOCKET' : 'AGENT_PEER_LOCAL_PORT';
  const what = `cannot listen on ${nameOf(place)}: ${messageOf(cause)}`;
  return new AgentPeerError('port-taken', what, `Stop what uses it, or set ${variable}`, { cause });
}

/** A socket of a proxy that was killed stands in the way, and nobody listens on it: there is one proxy to a data folder. */
function clearStale(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSocket() === true) unlinkSync(path);
}

/** Throws AgentPeerError `port-taken`. */
export async function listenOn(server: Server, place: Place): Promise<void> {
  try {
    if ('path' in place) clearStale(place.path);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(place, resolve);
    });
    // For the user and the group of the proxy: the half of a relay outside can be given the group.
    if ('path' in place) chmodSync(place.path, 0o660);
  } catch (cause) {
    throw untaken(place, cause);
  }
}

export async function closeListener(server: Server, graceMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(cut);
}
