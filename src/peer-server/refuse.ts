import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { A2A_ERROR_DOMAIN, ERROR_INFO_TYPE, type ErrorDetail } from '@a2a-js/sdk/errors';
import { ERROR_DOMAIN } from '../core/peer-wire.ts';
import type { RefusalReason } from '../core/refusal.ts';
import { AgentPeerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { drain } from './drain.ts';
import { JSON_HEADERS, writeJson } from './respond.ts';
import { REFUSAL_TABLE, type RefusalRow } from './refusal-table.ts';

/** JSON-RPC request id. */
export type RpcId = string | number;

/** Ends a request. `detail` is for the sender and speaks only of what the sender itself sent. */
export class Refusal extends Error {
  readonly reason: RefusalReason;
  readonly detail: string | null;

  constructor(reason: RefusalReason, detail: string | null = null) {
    super(reason);
    this.reason = reason;
    this.detail = detail;
  }
}

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

function errorInfo(reason: string, domain: string): ErrorDetail {
  return { '@type': ERROR_INFO_TYPE, reason, domain };
}

function refusalBody(row: RefusalRow, id: RpcId | null, detail: string | null): unknown {
  const protocol = row.protocolReason === undefined ? [] : [errorInfo(row.protocolReason, A2A_ERROR_DOMAIN)];
  const message = detail === null ? row.text : `${row.text}: ${detail}`;
  const data = [...protocol, errorInfo(row.told, ERROR_DOMAIN)];
  return { jsonrpc: '2.0', id, error: { code: row.code, message, data } };
}

function refusalHeaders(row: RefusalRow): Record<string, string> {
  return {
    ...(row.status === 200 ? {} : { connection: 'close' }),
    ...(row.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(row.retryAfterSeconds === undefined ? {} : { 'retry-after': String(row.retryAfterSeconds) }),
  };
}

/** An unauthenticated caller gets the same bytes whatever was wrong, its own request id not among them. */
export function answerRefusal(res: ServerResponse, { reason, detail }: Refusal, id: RpcId | null): void {
  const row = REFUSAL_TABLE[reason];
  const hidden = row.told === 'unauthenticated';
  const body = refusalBody(row, hidden ? null : id, hidden ? null : detail);
  writeJson(res, row.status, body, refusalHeaders(row));
}

/** Answers a refusal once what is left of the request has been read away, so that no reset takes the answer with it. */
export async function writeRefusal(
  req: IncomingMessage,
  res: ServerResponse,
  refusal: Refusal,
  id: RpcId | null,
): Promise<void> {
  await drain(req);
  answerRefusal(res, refusal, id);
}

const LINGER_MS = 1000;

/** Refuses where there is only a socket: what is on it is no request, or wants to stop being HTTP. */
export function refuseSocket(socket: Duplex, reason: RefusalReason): void {
  const row = REFUSAL_TABLE[reason];
  const body = JSON.stringify(refusalBody(row, null, null));
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
