import type { Parsed, Problem } from './core/parsed.ts';

/** Exit codes of the CLI, also in docs/cli.md. 0 is success. */
export const EXIT = {
  internal: 1,
  usage: 2,
  refused: 3,
  notFound: 4,
  unavailable: 5,
  pending: 6,
  config: 78,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Every error this program makes on purpose, with what a script can tell from its exit code. */
export const ERROR_EXITS = {
  'alias-invalid': EXIT.usage,
  'backup-unreadable': EXIT.usage,
  'clock-behind': EXIT.unavailable,
  'config-invalid': EXIT.config,
  'gateway-incompatible': EXIT.unavailable,
  'gateway-not-approved': EXIT.pending,
  'gateway-token-refused': EXIT.refused,
  'gateway-unreachable': EXIT.unavailable,
  'grant-not-found': EXIT.notFound,
  'hold-elsewhere': EXIT.refused,
  'hold-not-found': EXIT.notFound,
  'input-invalid': EXIT.usage,
  'internal-error': EXIT.internal,
  'invite-invalid': EXIT.usage,
  'invite-not-found': EXIT.notFound,
  'invite-refused': EXIT.refused,
  'local-api-unanswered': EXIT.unavailable,
  'local-api-unreachable': EXIT.unavailable,
  'local-body-too-large': EXIT.usage,
  'local-method-unknown': EXIT.usage,
  'local-request-refused': EXIT.refused,
  'local-role-refused': EXIT.refused,
  'local-route-unknown': EXIT.usage,
  'local-token-refused': EXIT.refused,
  'local-type-unknown': EXIT.usage,
  'message-invalid': EXIT.usage,
  'message-not-found': EXIT.notFound,
  'message-not-answered': EXIT.refused,
  'message-not-cancelled': EXIT.refused,
  'message-not-waiting': EXIT.refused,
  'message-pending': EXIT.pending,
  'namespace-dead': EXIT.unavailable,
  'node-not-found': EXIT.notFound,
  'not-granted': EXIT.refused,
  'pairing-ended': EXIT.refused,
  'pairing-waiting': EXIT.pending,
  'passphrase-refused': EXIT.refused,
  'peer-exists': EXIT.usage,
  'peer-incompatible': EXIT.unavailable,
  'peer-not-active': EXIT.refused,
  'peer-not-found': EXIT.notFound,
  'peer-refused': EXIT.refused,
  'peer-token-missing': EXIT.notFound,
  'peer-unreachable': EXIT.unavailable,
  'port-taken': EXIT.unavailable,
  'reply-session-missing': EXIT.refused,
  'rotation-pending': EXIT.pending,
  'session-key-invalid': EXIT.usage,
  'session-not-running': EXIT.refused,
  'stack-paused': EXIT.refused,
  'storage-locked': EXIT.unavailable,
  'storage-unavailable': EXIT.unavailable,
  'tailnet-not-running': EXIT.unavailable,
  'tailnet-unavailable': EXIT.unavailable,
  'tailnet-userspace': EXIT.config,
} as const satisfies Record<string, ExitCode>;
export type ErrorCode = keyof typeof ERROR_EXITS;

/** One clear error: a stable code, what was wrong and where, and what to do. Never carries a secret. */
export class AgentPeerError extends Error {
  override readonly name = 'AgentPeerError';
  readonly code: ErrorCode;
  readonly fix: string;

  constructor(code: ErrorCode, what: string, fix: string, options?: ErrorOptions) {
    super(what, options);
    this.code = code;
    this.fix = fix;
  }

  /** `error code: what. fix` on one line, for logs and terminals. */
  get line(): string {
    return `${this.code}: ${this.message}. ${this.fix}`;
  }

  get exitCode(): ExitCode {
    return ERROR_EXITS[this.code];
  }
}

export function fromProblem(code: ErrorCode, { where, what, fix }: Problem): AgentPeerError {
  return new AgentPeerError(code, `${where}: ${what}`, fix);
}

/** What was parsed. Throws AgentPeerError with what is wrong with it. */
export function must<T>(code: ErrorCode, result: Parsed<T>): T {
  if (result.ok) return result.value;
  throw fromProblem(code, result.problem);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Everything that a schema found wrong, each with its place. */
export function issueLines({
  issues,
}: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}): string {
  return issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ');
}
