import { STATUS_CODES } from 'node:http';
import { AgentPeerError, type ErrorCode } from '../errors.ts';

/** RFC 9457 body of every error answer. `code` and `fix` are ours. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly fix: string;
}

/** HTTP status of each error. One table: no handler picks a status. */
export const ERROR_STATUS: Readonly<Record<ErrorCode, number>> = {
  'alias-invalid': 400,
  'backup-unreadable': 400,
  'clock-behind': 503,
  'config-invalid': 500,
  'gateway-incompatible': 502,
  'gateway-not-approved': 409,
  'gateway-token-refused': 422,
  'gateway-unreachable': 502,
  'grant-not-found': 404,
  'hold-elsewhere': 409,
  'hold-not-found': 404,
  'input-invalid': 400,
  'internal-error': 500,
  'invite-invalid': 400,
  'invite-not-found': 404,
  'invite-refused': 409,
  'local-api-unanswered': 503,
  'local-api-unreachable': 503,
  'local-body-too-large': 413,
  'local-method-unknown': 405,
  'local-request-refused': 403,
  'local-role-refused': 403,
  'local-route-unknown': 404,
  'local-token-refused': 401,
  'local-type-unknown': 415,
  'message-invalid': 400,
  'message-not-found': 404,
  'message-not-answered': 409,
  'message-not-cancelled': 409,
  'message-not-waiting': 409,
  'message-pending': 409,
  'namespace-dead': 503,
  'node-not-found': 404,
  'not-granted': 403,
  'pairing-ended': 409,
  'pairing-waiting': 409,
  'passphrase-refused': 403,
  'peer-exists': 409,
  'peer-incompatible': 502,
  'peer-not-active': 409,
  'peer-not-found': 404,
  'peer-refused': 502,
  'peer-token-missing': 409,
  'peer-unreachable': 502,
  'port-taken': 503,
  'reply-session-missing': 409,
  'rotation-pending': 409,
  'session-key-invalid': 400,
  'session-not-running': 403,
  'stack-paused': 409,
  'storage-locked': 503,
  'storage-unavailable': 503,
  'tailnet-not-running': 503,
  'tailnet-unavailable': 503,
  'tailnet-userspace': 503,
};

export function problemBody(error: AgentPeerError): ProblemBody {
  const status = ERROR_STATUS[error.code];
  const type = `urn:agent-peer:error:${error.code}`;
  return {
    type,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: error.code,
    detail: error.message,
    fix: error.fix,
  };
}

interface HttpFault {
  readonly type?: unknown;
  readonly status?: unknown;
}

/** What Express and its body reader throw for a request that cannot be read. */
function fromHttpFault({ type, status }: HttpFault): AgentPeerError | null {
  if (type === 'entity.too.large') {
    return new AgentPeerError(
      'local-body-too-large',
      'the request body is too large',
      'Send less: a text has at most 64 KiB, and so has all of its context',
    );
  }
  if (type === 'encoding.unsupported') {
    return new AgentPeerError('local-type-unknown', 'the request body is compressed', 'Send it as it is');
  }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new AgentPeerError(
      'input-invalid',
      'the request cannot be read',
      'Check its path, length and body',
    );
  }
  return null;
}

/** Any thrown thing as one of ours. What was not foreseen says nothing of itself to the caller. */
export function toAgentPeerError(thrown: unknown): AgentPeerError {
  if (thrown instanceof AgentPeerError) return thrown;
  const fault = typeof thrown === 'object' && thrown !== null ? fromHttpFault(thrown) : null;
  return (
    fault ??
    new AgentPeerError(
      'internal-error',
      'something went wrong in the proxy',
      'Look at: docker compose logs proxy',
      { cause: thrown },
    )
  );
}
