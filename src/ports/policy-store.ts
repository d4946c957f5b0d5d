import type { Grant } from '../core/grant.ts';
import type { Peer, PeerName } from '../core/peer.ts';
import type { Policy } from '../core/policy.ts';

export interface PeerStore {
  /**
   * The policy now, as of the latest instant that was ever seen. Throws AgentPeerError `storage-unavailable` when it
   * cannot be read, or a row of it makes no sense: then nobody may do anything.
   */
  policy(): Policy;
  /** Throws AgentPeerError `peer-exists`. */
  addPeer(peer: Peer): void;
  findPeer(name: string): Peer | null;
  listPeers(): readonly Peer[];
  /** Replaces the grant of that direction and alias. Throws AgentPeerError `peer-not-found`. */
  putGrant(grant: Grant): void;
  listGrants(peer?: PeerName): readonly Grant[];
  /** The token that we present to this peer, sealed at rest; null when none was stored. */
  outboundToken(peer: PeerName): string | null;
  putOutboundToken(peer: PeerName, token: string): void;
  /** Takes the clock as it is now for right, though it was ahead before. */
  acceptClock(): void;
}
