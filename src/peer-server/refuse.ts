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

/** A refusal as a surface has it. `detail` is null where nothing may be added. */
export type RefusalShape = (
  row: RefusalRow,
  detail: string | null,
) => { readonly status: number; readonly body: unknown };

function errorInfo(reason: string, domain: string): ErrorDetail {
  return { '@type': ERROR_INFO_TYPE, reason, domain };
}

export function refusalMessage(row: RefusalRow, detail: string | null): string {
  return detail === null ? row.text : `${row.text}: ${detail}`;
}

/** A JSON-RPC error. An unauthenticated caller's own request id is not in it: that answer is the same for all. */
export function rpcRefusal(id: RpcId | null): RefusalShape {
  return (row, detail) => {
    const protocol =
      row.protocolReason === undefined ? [] : [errorInfo(row.protocolReason, A2A_ERROR_DOMAIN)];
    const data = [...protocol, errorInfo(row.told, ERROR_DOMAIN)];
    const error = { code: row.code, message: refusalMessage(row, detail), data };
    const told = row.told === 'unauthenticated' ? null : id;
    return { status: row.status, body: { jsonrpc: '2.0', id: told, error } };
  };
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
