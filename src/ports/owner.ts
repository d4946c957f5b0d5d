import type { Decision } from '../core/decision.ts';
import type { Grant, InboundGrant, OutboundGrant } from '../core/grant.ts';
import type { Peer, PeerName } from '../core/peer.ts';

/** What a revoke ended, by direction. */
export interface Revoked {
  readonly peer: Peer;
  readonly outbound: number;
  readonly inbound: number;
}

/** What the owner has stopped for a while. */
export interface Pauses {
  /** Everything. */
  readonly isPaused: boolean;
  readonly pausedPeers: readonly PeerName[];
}

/** How a peer gets its replies, as an owner says it. */
export interface RepliesWish {
  readonly mode: string;
  /** Where its gateway listens; as OpenClaw has it by itself when absent. */
  readonly port?: number;
}

/** Both survive a restart. Without a peer it is about everything, and leaves what was said of each peer as it is. */
export interface PauseAdmin {
  pauses(): Pauses;
  /** Throws AgentPeerError `peer-not-found`, `peer-not-active`. */
  pause(peer?: string): Pauses & { readonly turnsStopped: number };
  /** The same. */
  resume(peer?: string): Pauses;
}

export interface PeerAdmin extends PauseAdmin {
  /** Resolves `node` (StableID, host name, MagicDNS name or 100.x address) on the tailnet now; answers the new peer's token once. */
  add(
    name: string,
    node: string,
    expiresInMs?: number,
    replies?: RepliesWish,
  ): Promise<{ readonly peer: Peer; readonly token: string }>;
  /** Throws AgentPeerError `peer-not-found`, `peer-not-active`, `input-invalid`. */
  setReplies(name: string, replies: RepliesWish): void;
  /** Stores the token that the peer's owner gave us. */
  storeToken(name: string, token: string): void;
  list(): readonly (Peer & { readonly hasOutboundToken: boolean })[];
  /** Throws AgentPeerError `peer-not-found`. */
  find(name: string): Peer & { readonly hasOutboundToken: boolean };
  rename(name: string, to: string): Peer;
  /** Binds it to another node; with `dryRun` only says to which. */
  rebind(
    name: string,
    node: string,
    dryRun: boolean,
  ): Promise<{ readonly before: Peer; readonly after: Peer }>;
  revoke(name: string): Revoked;
  grant(wish: GrantWish): { readonly grant: InboundGrant; readonly warnings: readonly string[] };
  /** The inbound ones. */
  grants(peer?: string): readonly InboundGrant[];
  allGrants(peer?: string): readonly Grant[];
  grantOutbound(wish: OutboundWish): OutboundGrant;
  /** Throws AgentPeerError `grant-not-found`. */
  removeGrant(peer: string, alias: string, direction: Grant['direction']): void;
}

/** What an owner wants to offer. Throws AgentPeerError with what is wrong with it. */
export interface GrantWish {
  readonly peer: string;
  readonly alias: string;
  readonly sessionKey: string;
  /** Takes a session that belongs to the gateway, or carries a route to other people, all the same. */
  readonly special?: boolean;
  /** From now, milliseconds. */
  readonly expiresInMs?: number;
  readonly operations?: readonly string[];
  readonly sendsPerMinute?: number;
  readonly hold?: string;
}

/** What an owner lets the agents of this machine do. `alias` may be `any`. */
export interface OutboundWish {
  readonly peer: string;
  readonly alias: string;
  readonly hold?: string;
  /** The local session that replies may be put into. */
  readonly replySession?: string;
  /** Takes a session that belongs to the gateway, or carries a route to other people, all the same. */
  readonly special?: boolean;
  /** From now, milliseconds. */
  readonly expiresInMs?: number;
}

/** What the judge would say, and why: the same code as enforcement, on the same policy. */
export interface Judge {
  /** Throws AgentPeerError `peer-not-found`, `input-invalid`. */
  explain(
    peer: string,
    operation: string,
    alias: string | null,
  ): { readonly decision: Decision; readonly sentence: string };
  /** `ok`, or what keeps everything shut. */
  clock(): 'ok' | 'behind';
  acceptClock(): void;
}
