import { isGatewayProtocolResponseError } from '@openclaw/gateway-client';
import { objectOf, textOf } from './json.ts';

/** Why one attempt to connect came to nothing, in our words: the gateway's own text is never repeated. */
export type ConnectFailure =
  | { readonly kind: 'unreachable'; readonly detail: string }
  /** The device is known to nobody, or asks for more than it was given: its owner has to approve this request. */
  | { readonly kind: 'approval-needed'; readonly requestId: string; readonly detail: string }
  | { readonly kind: 'token-refused'; readonly detail: string }
  | { readonly kind: 'incompatible'; readonly detail: string };

const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;

/** A code of the gateway's, when it looks like one: the only part of an error that is repeated. */
export function codeOf(raw: unknown): string {
  const code = textOf(raw);
  return code !== null && CODE.test(code) ? code : 'no code';
}

function unreachable(detail: string): ConnectFailure {
  return { kind: 'unreachable', detail };
}

function refusal(code: string, details: Readonly<Record<string, unknown>>): ConnectFailure {
  const requestId = textOf(details['requestId']);
  if (code === 'PAIRING_REQUIRED' && requestId !== null && REQUEST_ID.test(requestId)) {
    return {
      kind: 'approval-needed',
      requestId,
      detail: 'the gateway waits for its owner to approve this device',
    };
  }
  if (code === 'AUTH_RATE_LIMITED')
    return unreachable('the gateway refuses for a while after too many wrong tokens');
  if (/^(AUTH|DEVICE|PAIRING)_/.test(code)) {
    return { kind: 'token-refused', detail: `the gateway refused the token (${code})` };
  }
  return { kind: 'incompatible', detail: `the gateway refused the connection (${code})` };
}

function transportDetail(error: unknown): string {
  const { code } = objectOf(error);
  const known = code === undefined ? null : codeOf(code);
  return known === null ? 'the connection ended before the gateway answered' : `no connection (${known})`;
}

function upgradeRefused(status: unknown): ConnectFailure {
  const detail = `what listens there is not a gateway (HTTP ${Number(status)})`;
  return { kind: 'incompatible', detail };
}

/** @param error what the client gave for the attempt; undefined when the connection just closed. */
export function connectFailureOf(error: unknown): ConnectFailure {
  const { details, code, retryable } = objectOf(error);
  const fields = objectOf(details);
  if (fields['reason'] === 'websocket-upgrade-rejected') {
    const status = Number(fields['httpStatus']);
    return status >= 500 ? unreachable(`the gateway answers HTTP ${status}`) : upgradeRefused(status);
  }
  if (!isGatewayProtocolResponseError(error)) return unreachable(transportDetail(error));
  if (retryable === true) return unreachable(`the gateway is starting or stopping (${codeOf(code)})`);
  return refusal(codeOf(fields['code'] ?? code), fields);
}
