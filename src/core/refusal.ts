import { DENY_REASONS } from './decision.ts';

/** Refusals that need no judgement about the peer: the request itself cannot be served. */
export const REQUEST_REASONS = [
  'unauthenticated',
  'path-unknown',
  'method-not-allowed',
  'upgrade-refused',
  'header-invalid',
  'headers-too-large',
  'content-type-unsupported',
  'request-timeout',
  'body-too-large',
  'body-unparseable',
  'rpc-invalid',
  'rpc-method-unknown',
  'version-unsupported',
  'operation-unsupported',
  'push-unsupported',
  'params-invalid',
  'part-not-text',
  'text-empty',
  'text-too-long',
  'message-id-reused',
  'task-unknown',
  'task-not-cancelable',
  'tool-unknown',
  'polls-exceeded',
  'attempts-exceeded',
  'connections-exceeded',
  'guesses-exceeded',
  'policy-unavailable',
  'stack-not-ready',
  'storage-unavailable',
  'internal-error',
] as const;

/**
 * Why a peer's request was not served. Closed list; `docs/refusals.md` has a line for each. `unauthenticated` is what
 * an outsider is told in place of every reason that would say which part of a credential was right.
 */
export const REFUSAL_REASONS = [...DENY_REASONS, ...REQUEST_REASONS] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Refusals that a later attempt may not meet: the sender keeps the message. All others end it. */
const PASSING = new Set<RefusalReason>([
  'clock-behind',
  'peer-provisional',
  'peer-paused',
  'stack-paused',
  'guesses-exceeded',
  'sends-exceeded',
  'total-sends-exceeded',
  'request-timeout',
  'polls-exceeded',
  'attempts-exceeded',
  'connections-exceeded',
  'policy-unavailable',
  'stack-not-ready',
  'storage-unavailable',
  'internal-error',
]);

export function isPassing(reason: RefusalReason): boolean {
  return PASSING.has(reason);
}

export function isRefusalReason(raw: string): raw is RefusalReason {
  return (REFUSAL_REASONS as readonly string[]).includes(raw);
}
