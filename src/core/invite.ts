import type { NodeId, PeerName, TokenDigest } from './peer.ts';

/** What makes a node a peer: whoever presents its secret first, from a node that may, is the one. */
export interface Invite {
  /** What the new peer is called here. */
  readonly peer: PeerName;
  readonly secretDigest: TokenDigest;
  /** The only node that may use it; null for whichever comes first. */
  readonly nodeId: NodeId | null;
  /** The node that used it, which may ask again when it did not hear the answer. */
  readonly claimedBy: NodeId | null;
  /** Milliseconds since the epoch, by the clock of who made it. */
  readonly expiresAt: number;
}

/** How long an invite lasts when its maker says nothing else, milliseconds. */
export const INVITE_TTL_MS = 15 * 60_000;
