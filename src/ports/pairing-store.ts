import type { Alias } from '../core/alias.ts';
import type { Hold, InboundGrant } from '../core/grant.ts';
import type { Invite } from '../core/invite.ts';
import type { PairingFacts, PairingStage } from '../core/pairing.ts';
import type { NodeId, Peer, PeerName, TokenDigest } from '../core/peer.ts';

/** An invite as its maker keeps it: never with its secret. */
export interface InviteRecord extends Invite {
  readonly id: string;
  /** Whoever made it has agreed beforehand to whoever uses it. */
  readonly confirmed: boolean;
  readonly cancelled: boolean;
  /** What the peer will be granted. */
  readonly grants: readonly InboundGrant[];
  /** For the grants, and for what agents here write to the peer. */
  readonly hold: Hold;
  /** End of the pairing that it leads to; null for none. */
  readonly peerExpiresAt: number | null;
  readonly createdAt: number;
}

/** A pairing that is not complete yet: its peer is provisional. */
export interface PairingRecord extends PairingFacts {
  readonly peer: PeerName;
  /** On the side that accepts, the one-time secret until the invite's maker has answered. */
  readonly secret: string | null;
  readonly hold: Hold;
  /** The aliases that the other offers; null before it has said so. */
  readonly offered: readonly Alias[] | null;
  readonly createdAt: number;
  /** When it is given up if it still waits for an owner. */
  readonly expiresAt: number;
}

export interface NewPairing {
  /** Provisional, with the digest of the token that was made for it. */
  readonly peer: Peer;
  /** That token, until the peer has presented it. */
  readonly token: string;
  readonly grants: readonly InboundGrant[];
  readonly record: Omit<PairingRecord, 'peer'>;
}

export interface PairingStore {
  /** Cancels an older one for the same name, and takes the place of a pairing that waits under it. */
  addInvite(invite: InviteRecord): void;
  /** Newest first. */
  listInvites(): readonly InviteRecord[];
  findInvite(id: string): InviteRecord | null;
  findInviteBySecret(digest: TokenDigest): InviteRecord | null;
  /** The pairing that it has led to is given up too, unless it is complete. False when there was nothing to cancel. */
  cancelInvite(id: string): boolean;
  /** Marks the invite as used and begins the pairing, both or none. `outbound`: what we present to the peer. */
  claim(invite: InviteRecord, nodeId: NodeId, pairing: NewPairing, outbound: string): void;
  /** On the side that accepts, before anything is sent. */
  begin(pairing: NewPairing): void;
  find(peer: PeerName): PairingRecord | null;
  list(): readonly PairingRecord[];
  /** The invite's maker has answered with the token that we present to it. */
  answered(
    peer: PeerName,
    answer: { readonly token: string; readonly offered: readonly Alias[]; readonly expiresAt: number },
  ): void;
  /** Applies a change of facts, and makes the peer active with the last of them. Null when no pairing is open. */
  update(peer: PeerName, change: (facts: PairingFacts) => PairingFacts): PairingStage | null;
  /** Gives up a pairing; what was granted with it goes too. */
  drop(peer: PeerName): void;
}
