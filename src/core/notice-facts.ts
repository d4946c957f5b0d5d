import type { Grant } from './grant.ts';
import type { HoldReason } from './hold.ts';
import type { Peer, PeerName } from './peer.ts';

/** Messages and replies of one peer that wait for a person, and why. */
export interface HeldCount {
  readonly peer: PeerName;
  readonly place: 'here' | 'peer';
  readonly reason: HoldReason;
  readonly count: number;
}

/** Messages of one peer that have ended lately, in a way that somebody should know of. */
export interface Ended {
  readonly peer: PeerName;
  readonly state: 'expired' | 'uncertain';
  readonly count: number;
}

/** Messages that their peer does not have yet. */
export interface Unsent {
  readonly peer: PeerName;
  readonly count: number;
  /** When the oldest of them was submitted. */
  readonly since: number;
}

/** Of each peer at most one entry of a kind. */
export interface MessageFacts {
  readonly waiting: readonly HeldCount[];
  readonly ended: readonly Ended[];
  readonly unsent: readonly Unsent[];
}

export interface CredentialFacts {
  readonly peers: readonly Pick<Peer, 'name' | 'state' | 'expiresAt'>[];
  readonly grants: readonly Pick<Grant, 'direction' | 'peer' | 'alias' | 'expiresAt'>[];
  /** End of the key of this node; null when it has none. */
  readonly nodeKeyExpiresAt: number | null;
}

/** Everything at one instant that can need a person. */
export interface NoticeFacts extends MessageFacts, CredentialFacts {
  /** Whose nodes are connected to the tailnet. */
  readonly online: ReadonlySet<PeerName>;
  /** Since when the gateway cannot be used though this stack is paired with it; null while it can. */
  readonly gatewayAwaySince: number | null;
}
