import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { drain } from '../a2a/drain.ts';
import { REFUSAL_TABLE, type RefusalRow } from '../a2a/refusal-table.ts';
import { Refusal, rpcRefusal, type RefusalShape } from '../a2a/refusal.ts';
import type { RefusalReason } from '../core/refusal.ts';
import { AgentPeerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { JSON_HEADERS, writeJson } from './respond.ts';

const CAUSES: Partial<Record<AgentPeerError['code'], RefusalReason>> = {
  'tailnet-unavailable': 'stack-not-ready',
  'storage-unavailable': 'storage-unavailable',
};

/** What a failure in our own parts means for the request: never a yes, and never its text. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const reason = error instanceof AgentPeerError ? CAUSES[error.code] : undefined;
  return new Refusal(reason ?? 'internal-error');
}

/** The same, and an unforeseen failure goes to the operator's log, since the sender is not told what it was. */
export function tellRefusal(log: Log, error: unknown): Refusal {
  const refusal = refusalOf(error);
  if (refusal !== error)
    log.error('peer-request-failed', { reason: refusal.reason, error: messageOf(error) });
  return refusal;
}

function refusalHeaders(row: RefusalRow): Record<string, string> {
  return {
    ...(row.status === 200 ? {} : { connection: 'close' }),
    ...(row.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(row.retryAfterSeconds === undefined ? {} : { 'retry-after': String(row.retryAfterSeconds) }),
  };
}

/** An unauthenticated caller gets the same bytes whatever was wrong. */
export function answerRefusal(res: ServerResponse, { reason, detail }: Refusal, shape: RefusalShape): void {
  const row = REFUSAL_TABLE[reason];
  const { status, body } = shape(row, row.told === 'unauthenticated' ? null : detail);
  writeJson(res, status, body, refusalHeaders(row));
}

/** Answers a refusal once what is left of the request has been read away, so that no reset takes the answer with it. */
export async function writeRefusal(
  req: IncomingMessage,
  res: ServerResponse,
  refusal: Refusal,
  shape: RefusalShape,
): Promise<void> {
  await drain(req);
  answerRefusal(res, refusal, shape);
}

const LINGER_MS = 1000;

/** Refuses where there is only a socket: what is on it is no request, or wants to stop being HTTP. */
export function refuseSocket(socket: Duplex, reason: RefusalReason): void {
  const row = REFUSAL_TABLE[reason];
  const body = JSON.stringify(rpcRefusal(null)(row, null).body);
  const headers = {
    ...JSON_HEADERS,
    ...refusalHeaders(row),
    'content-length': String(Buffer.byteLength(body)),
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.on('error', () => socket.destroy());
  socket.resume();
  socket.end(`HTTP/1.1 ${row.status} ${STATUS_CODES[row.status] ?? ''}\r\n${head.join('')}\r\n${body}`);
}
