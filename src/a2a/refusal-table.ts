import { A2A_ERROR_CODE } from '@a2a-js/sdk/errors';
import type { RefusalReason } from '../core/refusal.ts';

export interface RefusalRow {
  /** The reason that the outside is told: another one where the true one would help a thief. */
  readonly told: RefusalReason;
  /**
   * HTTP status: of the path, the headers, the body, the caller, or of what this stack can do now. What is wrong
   * inside an understood call is told with 200, as JSON-RPC has it.
   */
  readonly status: number;
  /** JSON-RPC error code. */
  readonly code: number;
  readonly text: string;
  readonly retryAfterSeconds?: number;
  /** A2A's own name for it, where it has one. */
  readonly protocolReason?: string;
}

/** Of the range that JSON-RPC leaves to servers, the one code that A2A did not take. */
const PEER_REFUSAL = -32000;
const { INVALID_REQUEST, INVALID_PARAMS, INTERNAL_ERROR, METHOD_NOT_FOUND, PARSE_ERROR } = A2A_ERROR_CODE;

const UNAUTHENTICATED: RefusalRow = {
  told: 'unauthenticated',
  status: 401,
  code: PEER_REFUSAL,
  text: 'This stack does not know you: no token, another token, or another node than the one it belongs to',
};

function http(told: RefusalReason, status: number, text: string): RefusalRow {
  return { told, status, code: INVALID_REQUEST, text };
}

function call(told: RefusalReason, code: number, text: string, protocolReason?: string): RefusalRow {
  return { told, status: 200, code, text, ...(protocolReason === undefined ? {} : { protocolReason }) };
}

/** Only a peer that proved who it is gets so far: it is told exactly. */
function forbidden(told: RefusalReason, text: string): RefusalRow {
  return { told, status: 403, code: PEER_REFUSAL, text };
}

function later(told: RefusalReason, status: 429 | 503, retryAfterSeconds: number, text: string): RefusalRow {
  return { told, status, code: PEER_REFUSAL, text, retryAfterSeconds };
}

const NOT_READY = later('stack-not-ready', 503, 5, 'This stack cannot take messages now');

/** What a refusal looks like from outside: the one table. */
export const REFUSAL_TABLE: Readonly<Record<RefusalReason, RefusalRow>> = {
  'token-missing': UNAUTHENTICATED,
  'token-unknown': UNAUTHENTICATED,
  'node-unknown': UNAUTHENTICATED,
  'node-mismatch': UNAUTHENTICATED,
  'node-not-paired': UNAUTHENTICATED,
  unauthenticated: UNAUTHENTICATED,
  'peer-unknown': UNAUTHENTICATED,
  'peer-revoked': forbidden('peer-revoked', 'The owner of this stack has ended the pairing with you'),
  'peer-expired': forbidden('peer-expired', 'The pairing with you has expired'),
  'peer-provisional': later('peer-provisional', 503, 5, 'The pairing is not complete yet'),
  'peer-paused': later('peer-paused', 503, 60, 'The owner of this stack has paused the pairing with you'),
  'stack-paused': later('stack-paused', 503, 60, 'The owner of this stack has paused it'),
  'invite-unknown': forbidden('invite-unknown', 'There is no such invite here'),
  'invite-expired': forbidden('invite-expired', 'This invite has expired'),
  'invite-used': forbidden('invite-used', 'This invite was used already'),
  'invite-other-node': forbidden('invite-other-node', 'This invite was made for another node'),
  'node-paired': forbidden('node-paired', 'Your node is a peer of this stack already'),
  'guesses-exceeded': later('guesses-exceeded', 429, 60, 'Too many invite codes were tried from your node'),
  'alias-not-granted': forbidden('alias-not-granted', 'There is no such alias for you here'),
  'grant-expired': forbidden('grant-expired', 'What you were granted under this alias has expired'),
  'operation-not-granted': forbidden('operation-not-granted', 'This alias does not allow that to you'),
  'clock-behind': NOT_READY,
  'policy-unavailable': NOT_READY,
  'sends-exceeded': later('sends-exceeded', 429, 20, 'You have sent as many messages as you may in a minute'),
  'total-sends-exceeded': later(
    'total-sends-exceeded',
    503,
    20,
    'This stack has been sent as many messages as it takes in a minute',
  ),
  'polls-exceeded': later('polls-exceeded', 429, 20, 'You have asked as often as you may in a minute'),
  'attempts-exceeded': later('attempts-exceeded', 429, 60, 'Too many requests that were refused'),
  'connections-exceeded': later('connections-exceeded', 503, 5, 'Too many connections are open'),
  'path-unknown': http('path-unknown', 404, 'There is nothing here under this request target'),
  'method-not-allowed': http('method-not-allowed', 405, 'This HTTP method is not served here'),
  'upgrade-refused': http('upgrade-refused', 400, 'Connections are not upgraded or tunnelled here'),
  'header-invalid': http('header-invalid', 400, 'The request head is not acceptable'),
  'headers-too-large': http('headers-too-large', 431, 'The request head is too large'),
  'content-type-unsupported': http('content-type-unsupported', 415, 'Send application/json, not encoded'),
  'request-timeout': http('request-timeout', 408, 'The request did not arrive in time'),
  'body-too-large': http('body-too-large', 413, 'The body is too large'),
  'body-unparseable': {
    told: 'body-unparseable',
    status: 400,
    code: PARSE_ERROR,
    text: 'The body is not strict JSON',
  },
  'rpc-invalid': http('rpc-invalid', 400, 'The body is not one JSON-RPC 2.0 request with an id'),
  'rpc-method-unknown': call('rpc-method-unknown', METHOD_NOT_FOUND, 'There is no such method here'),
  'version-unsupported': call(
    'version-unsupported',
    A2A_ERROR_CODE.VERSION_NOT_SUPPORTED,
    'Only A2A 1.0 is spoken here',
    'VERSION_NOT_SUPPORTED',
  ),
  'operation-unsupported': call(
    'operation-unsupported',
    A2A_ERROR_CODE.UNSUPPORTED_OPERATION,
    'This operation of A2A is not served here',
    'UNSUPPORTED_OPERATION',
  ),
  'push-unsupported': call(
    'push-unsupported',
    A2A_ERROR_CODE.PUSH_NOTIFICATION_NOT_SUPPORTED,
    'Push notifications are not sent from here',
    'PUSH_NOTIFICATION_NOT_SUPPORTED',
  ),
  'params-invalid': call('params-invalid', INVALID_PARAMS, 'The parameters are not those of the method'),
  'part-not-text': call(
    'part-not-text',
    A2A_ERROR_CODE.CONTENT_TYPE_NOT_SUPPORTED,
    'Only parts of text or data are taken here; nothing is fetched',
    'CONTENT_TYPE_NOT_SUPPORTED',
  ),
  'text-empty': call('text-empty', INVALID_PARAMS, 'The message has no text'),
  'text-too-long': call('text-too-long', INVALID_PARAMS, 'The text of the message is too long'),
  'message-id-reused': call(
    'message-id-reused',
    PEER_REFUSAL,
    'This message id was used for another message',
  ),
  'task-unknown': call(
    'task-unknown',
    A2A_ERROR_CODE.TASK_NOT_FOUND,
    'You have no such task here',
    'TASK_NOT_FOUND',
  ),
  'task-not-cancelable': call(
    'task-not-cancelable',
    A2A_ERROR_CODE.TASK_NOT_CANCELABLE,
    'The receiving agent has begun with it, or it is over',
    'TASK_NOT_CANCELABLE',
  ),
  'tool-unknown': http('tool-unknown', 404, 'There is one tool here: sessions_send'),
  'stack-not-ready': NOT_READY,
  'storage-unavailable': {
    told: 'storage-unavailable',
    status: 503,
    code: INTERNAL_ERROR,
    text: 'This stack cannot store messages now; nothing was accepted',
    retryAfterSeconds: 30,
  },
  'internal-error': {
    told: 'internal-error',
    status: 500,
    code: INTERNAL_ERROR,
    text: 'Something went wrong here; the owner of this stack has it in the log',
    retryAfterSeconds: 30,
  },
};
