import type { Alias } from '../core/alias.ts';
import type { Grant } from '../core/grant.ts';
import type { MessageId, TaskId } from '../core/message.ts';
import type { Peer, PeerName, Replies, TokenDigest } from '../core/peer.ts';
import type { Policy } from '../core/policy.ts';

/** Messages that a revoke ended. */
export interface EndedMessages {
  readonly outbox: readonly MessageId[];
  readonly inbox: readonly TaskId[];
}

/** A token and what is kept of it by the side that it is presented to. */
export interface NewToken {
  readonly token: string;
  readonly digest: TokenDigest;
}

export interface PeerStore {
  /**
   * The policy now, as of the latest instant that was ever seen. Throws AgentPeerError `storage-unavailable` when it
   * cannot be read, or a row of it makes no sense: then nobody may do anything.
   */
  policy(): Policy;
  /** Takes the place of a revoked peer of that name. Throws AgentPeerError `peer-exists`. */
  addPeer(peer: Peer): void;
  findPeer(name: string): Peer | null;
  listPeers(): readonly Peer[];
  /** Replaces the grant of that direction and alias. Throws AgentPeerError `peer-not-found`. */
  putGrant(grant: Grant): void;
  /** False when there was none. */
  removeGrant(direction: Grant['direction'], peer: PeerName, alias: Alias | 'any'): boolean;
  listGrants(peer?: PeerName): readonly Grant[];
  /** The token that we present to this peer, sealed at rest; null when none was stored. */
  outboundToken(peer: PeerName): string | null;
  putOutboundToken(peer: PeerName, token: string): void;
  /** Whether the owner has stopped everything. Throws as `policy` does. */
  isPaused(): boolean;
  /** Stops everything, or ends that; what is said of each peer stays as it is. */
  setPaused(paused: boolean): void;
  /** Of an active peer. */
  pause(peer: PeerName): void;
  /** Makes a paused peer active. */
  resume(peer: PeerName): void;
  /** Everything of it goes with it, old messages too. Throws AgentPeerError `peer-not-found`, `peer-exists`. */
  rename(peer: PeerName, to: PeerName): void;
  /** Binds its token to another node. */
  rebind(peer: PeerName, node: Pick<Peer, 'nodeId' | 'login'>): void;
  setReplies(peer: PeerName, replies: Replies): void;
  /** Ends it, its grants, our token for it and every message that was not handed over, all at once. */
  revoke(peer: PeerName, now: number): EndedMessages;
  /** Takes the clock as it is now for right, though it was ahead before. */
  acceptClock(): void;
}

/** The tokens that peers present to us, while they change. */
export interface TokenStore {
  /** A token that this peer may not have heard of yet; null when it has. */
  untold(peer: PeerName): string | null;
  /**
   * From now on this one is good too, until it is presented. Answers the one to tell: an earlier one, if there is. Null
   * while requests with the one before the present one may still be under way: three would be good at once.
   */
  overlap(peer: PeerName, fresh: NewToken, now: number): string | null;
  /**
   * The peer has presented the token of this digest from its own node: it knows that one. The one before it is good
   * for `graceMs` more, for what is under way.
   */
  presented(
    peer: PeerName,
    digest: TokenDigest,
    at: { readonly now: number; readonly graceMs: number },
  ): void;
}
