import type { InboundGrant, OutboundGrant } from './grant.ts';
import type { HoldReason } from './hold.ts';
import type { Invite } from './invite.ts';
import type { Peer } from './peer.ts';

/** What can be asked of this stack. Anything else has no name here and so cannot be allowed. */
export const OPERATIONS = [
  /** Whether the stack is up: any node of the tailnet. */
  'liveness-read',
  /** Versions and whether messages can be taken: a peer. */
  'health-read',
  /** The aliases of the peer whose node asks: A2A clients fetch the card before they have a token to send. */
  'card-read',
  'message-send',
  'task-read',
  'task-cancel',
  /** To become a peer, by the one-time secret of an invite. */
  'invite-claim',
  /** To tell how far a pairing has come. */
  'pairing-continue',
  /** To exchange new tokens for those in use. */
  'token-rotate',
  /** From this machine to a peer. */
  'message-submit',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Why the judge said no. Kebab-case, stable: they stand in the audit log, the docs and the tests. */
export const DENY_REASONS = [
  'clock-behind',
  'token-missing',
  'token-unknown',
  'node-unknown',
  'node-mismatch',
  'node-not-paired',
  'peer-unknown',
  'peer-provisional',
  'peer-paused',
  'peer-revoked',
  'peer-expired',
  'stack-paused',
  'invite-unknown',
  'invite-expired',
  'invite-used',
  'invite-other-node',
  'node-paired',
  'alias-not-granted',
  'grant-expired',
  'operation-not-granted',
  'sends-exceeded',
  'total-sends-exceeded',
] as const;
export type DenyReason = (typeof DENY_REASONS)[number];

interface Under {
  readonly peer: Peer;
  readonly grant: InboundGrant;
}

/** What comes with a yes, by operation: all that the caller may go by. */
interface Given {
  readonly 'liveness-read': { readonly peer: null };
  readonly 'health-read': { readonly peer: Peer };
  /** `grants`: those under which a message may be sent now. */
  readonly 'card-read': { readonly peer: Peer; readonly grants: readonly InboundGrant[] };
  /** `hold`: why a person has to look at it before the agent does. */
  readonly 'message-send': Under & { readonly hold: HoldReason | null };
  readonly 'task-read': Under;
  readonly 'task-cancel': Under;
  readonly 'invite-claim': { readonly peer: null; readonly invite: Invite };
  readonly 'pairing-continue': { readonly peer: Peer };
  readonly 'token-rotate': { readonly peer: Peer };
  /** `hold`: why a person has to look at it before it leaves. `keepsSecrets`: what looks like a secret has one look at it. */
  readonly 'message-submit': {
    readonly peer: Peer;
    readonly grant: OutboundGrant;
    readonly hold: HoldReason | null;
    readonly keepsSecrets: boolean;
  };
}

export type Allowed<O extends Operation = Operation> = {
  readonly [P in O]: { readonly allow: true; readonly operation: P } & Given[P];
}[O];

export interface Denied {
  readonly allow: false;
  readonly reason: DenyReason;
  readonly peer: Peer | null;
}

export type Decision<O extends Operation = Operation> = Allowed<O> | Denied;
