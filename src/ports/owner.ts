import type { Decision } from '../core/decision.ts';
import type { InboundGrant } from '../core/grant.ts';
import type { Peer } from '../core/peer.ts';

export interface PeerAdmin {
  /** Resolves `node` (StableID, host name, MagicDNS name or 100.x address) on the tailnet now; answers the new peer's token once. */
  add(name: string, node: string): Promise<{ readonly peer: Peer; readonly token: string }>;
  /** Stores the token that the peer's owner gave us. */
  storeToken(name: string, token: string): void;
  list(): readonly (Peer & { readonly hasOutboundToken: boolean })[];
  grant(wish: GrantWish): { readonly grant: InboundGrant; readonly warnings: readonly string[] };
  /** The inbound ones. */
  grants(peer?: string): readonly InboundGrant[];
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
