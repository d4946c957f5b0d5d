/** The answers of the corpus, written out: not taken from the table that makes them. */
import type { RefusalReason } from '../../src/core/refusal.ts';
import type { Expectation, Shape } from './attack.ts';

export function refused(status: number, told: RefusalReason | null, shape: Shape = 'rpc'): Expectation {
  return { kind: 'refused', status, told, shape };
}

export function accepted(text: string, shape: Shape = 'rpc'): Expectation {
  return { kind: 'accepted', text, shape };
}

export function held(text: string): Expectation {
  return { kind: 'held', text, shape: 'rpc' };
}

export const PATH_UNKNOWN = refused(404, 'path-unknown');
export const METHOD_NOT_ALLOWED = refused(405, 'method-not-allowed');
export const UPGRADE_REFUSED = refused(400, 'upgrade-refused');
export const HEADER_INVALID = refused(400, 'header-invalid');
export const HEADERS_TOO_LARGE = refused(431, 'headers-too-large');
export const CONTENT_TYPE_UNSUPPORTED = refused(415, 'content-type-unsupported');
export const REQUEST_TIMEOUT = refused(408, 'request-timeout');
export const BODY_TOO_LARGE = refused(413, 'body-too-large');
export const BODY_UNPARSEABLE = refused(400, 'body-unparseable');
export const RPC_INVALID = refused(400, 'rpc-invalid');
export const METHOD_UNKNOWN = refused(200, 'rpc-method-unknown');
export const OPERATION_UNSUPPORTED = refused(200, 'operation-unsupported');
export const PUSH_UNSUPPORTED = refused(200, 'push-unsupported');
export const VERSION_UNSUPPORTED = refused(200, 'version-unsupported');
export const PARAMS_INVALID = refused(200, 'params-invalid');
export const PART_NOT_TEXT = refused(200, 'part-not-text');
export const TEXT_EMPTY = refused(200, 'text-empty');
export const TEXT_TOO_LONG = refused(200, 'text-too-long');
export const TASK_UNKNOWN = refused(200, 'task-unknown');
export const UNAUTHENTICATED = refused(401, 'unauthenticated');
export const ALIAS_NOT_GRANTED = refused(403, 'alias-not-granted');
export const HEALTH: Expectation = { kind: 'health', to: 'peer' };
export const HEALTH_TO_EVERYONE: Expectation = { kind: 'health', to: 'everyone' };
export const CARD: Expectation = { kind: 'card' };
export const NEWS_HEARD: Expectation = { kind: 'news' };
