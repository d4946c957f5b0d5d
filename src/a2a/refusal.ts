import { A2A_ERROR_DOMAIN, ERROR_INFO_TYPE, type ErrorDetail } from '@a2a-js/sdk/errors';
import { ERROR_DOMAIN } from '../core/peer-wire.ts';
import type { RefusalReason } from '../core/refusal.ts';
import type { RefusalRow } from './refusal-table.ts';

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

/** A refusal as a surface has it. `detail` is null where nothing may be added. */
export type RefusalShape = (
  row: RefusalRow,
  detail: string | null,
) => { readonly status: number; readonly body: unknown };

function errorInfo(reason: string, domain: string): ErrorDetail {
  return { '@type': ERROR_INFO_TYPE, reason, domain };
}

export function refusalMessage(row: Pick<RefusalRow, 'text'>, detail: string | null): string {
  return detail === null ? row.text : `${row.text}: ${detail}`;
}

/** What a JSON-RPC error says. `told` is our own word for it. */
export type RpcError = Pick<RefusalRow, 'code' | 'text' | 'protocolReason'> & { readonly told: string };

export function rpcErrorBody(id: RpcId | null, error: RpcError, detail: string | null): object {
  const { code, told, protocolReason } = error;
  const protocol = protocolReason === undefined ? [] : [errorInfo(protocolReason, A2A_ERROR_DOMAIN)];
  const data = [...protocol, errorInfo(told, ERROR_DOMAIN)];
  return { jsonrpc: '2.0', id, error: { code, message: refusalMessage(error, detail), data } };
}

/** A JSON-RPC error. An unauthenticated caller's own request id is not in it: that answer is the same for all. */
export function rpcRefusal(id: RpcId | null): RefusalShape {
  return (row, detail) => ({
    status: row.status,
    body: rpcErrorBody(row.told === 'unauthenticated' ? null : id, row, detail),
  });
}
