import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { RefusalReason } from '../core/refusal.ts';
import { admitConnections } from './admit-connections.ts';
import type { PeerServerLimits } from './limits.ts';
import { Refusal, rpcRefusal } from '../a2a/refusal.ts';
import { answerRefusal, refuseSocket } from './refuse.ts';

/** How often Node looks for requests that are over time. */
const TIMEOUT_CHECKS = 8;
const MAX_CHECK_MS = 1000;

const PARSER_REASONS: Readonly<Record<string, RefusalReason>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body-too-large',
};

function reasonOf(error: Error & { code?: string }): RefusalReason {
  return PARSER_REASONS[error.code ?? ''] ?? 'header-invalid';
}

/** Told of every refusal that is given without the listener; the address of one who has gone already is empty. */
export type OnRefused = (reason: RefusalReason, address: string) => void;

/** What would make a connection something else than HTTP, or is none. */
function refuseTheRest(
  server: Server,
  /** False when there is no answer to wait for. */
  endAfterAnswer: (socket: Duplex) => boolean,
  onRefused: OnRefused,
): void {
  const refuse = (socket: Duplex & { readonly remoteAddress?: string }, reason: RefusalReason): void => {
    onRefused(reason, socket.remoteAddress ?? '');
    refuseSocket(socket, reason);
  };
  // Its body is not waited for: the sender keeps it back until it is told to go on.
  const refuseExpectation = ({ socket }: IncomingMessage, res: ServerResponse): void => {
    onRefused('header-invalid', socket.remoteAddress ?? '');
    answerRefusal(res, new Refusal('header-invalid', 'expect'), rpcRefusal(null));
  };
  server.on('checkContinue', refuseExpectation);
  server.on('checkExpectation', refuseExpectation);
  server.on('upgrade', (_req, socket: Duplex) => refuse(socket, 'upgrade-refused'));
  server.on('connect', (_req, socket: Duplex) => refuse(socket, 'upgrade-refused'));
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy();
    // What stands behind a complete request is never read: the answer to the request ends the connection.
    else if (!endAfterAnswer(socket)) refuse(socket, reasonOf(error));
  });
}

/**
 * A Node HTTP server that has every limit set and answers what is not HTTP, or wants to become something else, with a
 * refusal instead of Node's default. Leniency of any kind is off: two readings of one request is how one is smuggled.
 */
export function createStrictHttpServer(
  limits: PeerServerLimits,
  listener: RequestListener,
  onRefused: OnRefused,
): Server {
  /** What is being answered on a socket: garbage behind a complete request must not be answered in its place. */
  const serving = new WeakMap<Duplex, ServerResponse>();
  const endAfterAnswer = (socket: Duplex): boolean => {
    const res = serving.get(socket);
    if (res?.req.complete !== true) return false;
    res.shouldKeepAlive = false;
    return true;
  };
  const server = createServer(
    {
      insecureHTTPParser: false,
      joinDuplicateHeaders: false,
      requireHostHeader: false,
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: Math.min(MAX_CHECK_MS, Math.ceil(limits.headersMs / TIMEOUT_CHECKS)),
    },
    (req, res) => {
      serving.set(req.socket, res);
      res.once('close', () => {
        if (serving.get(req.socket) === res) serving.delete(req.socket);
      });
      listener(req, res);
    },
  );
  server.timeout = limits.idleMs;
  // 0 is all of them: beyond any other number Node drops headers unseen. Their bytes are limited.
  server.maxHeadersCount = 0;
  refuseTheRest(server, endAfterAnswer, onRefused);
  admitConnections(server, limits, (address) => onRefused('connections-exceeded', address));
  return server;
}
