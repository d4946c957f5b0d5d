import type { Grant } from './grant.ts';
import type { Peer } from './peer.ts';

/** What a peer can ask of this stack. Anything else has no name here and so cannot be allowed. */
export const OPERATIONS = ['message-send', 'task-read', 'health-read'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Why the judge said no. Kebab-case, stable: they stand in the audit log, the docs and the tests. */
export const DENY_REASONS = [
  'token-missing',
  'token-unknown',
  'node-unknown',
  'node-mismatch',
  'peer-revoked',
  'alias-not-granted',
] as const;
export type DenyReason = (typeof DENY_REASONS)[number];

export type Decision =
  | { readonly allow: true; readonly operation: 'message-send'; readonly peer: Peer; readonly grant: Grant }
  | { readonly allow: true; readonly operation: 'task-read' | 'health-read'; readonly peer: Peer }
  | { readonly allow: false; readonly reason: DenyReason; readonly peer: Peer | null };
