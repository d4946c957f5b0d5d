import type { Alias } from '../core/alias.ts';
import type { InboundGrant } from '../core/grant.ts';
import type { Invite } from '../core/invite.ts';
import type { PairingNews, PairingStage } from '../core/pairing.ts';
import type { NodeId, Peer, PeerName, TokenDigest } from '../core/peer.ts';
import type { RefusalReason } from '../core/refusal.ts';
import type { InviteRecord } from './pairing-store.ts';
import type { TailnetNode } from './tailnet.ts';

/* What one stack says to another about tokens, and what it hears. */

export interface Claim {
  /** The one-time secret of the invite. */
  readonly secret: string;
  /** What the invite's maker is to present to the claimant. */
  readonly token: string;
  /** Aliases that the claimant offers. */
  readonly offers: readonly Alias[];
  readonly confirmed: boolean;
}

export interface ClaimAnswer extends PairingNews {
  /** What the claimant is to present to the invite's maker. */
  readonly token: string;
  readonly offers: readonly Alias[];
  /** How long the maker waits for the owners; a duration, because the clocks may differ. */
  readonly expiresInSeconds: number;
  /** The maker's clock, milliseconds since the epoch: for a word of warning, never to decide by. */
  readonly now: number;
}

export type PairRequest =
  | ({ readonly type: 'claim' } & Claim)
  | ({ readonly type: 'news' } & PairingNews)
  /** The token that the other is to present from now on. */
  | { readonly type: 'rotate'; readonly token: string };

interface PairAnswers {
  readonly claim: ClaimAnswer;
  readonly news: PairingNews;
  /** What the asker is to present from now on; null: what it presents is new already. */
  readonly rotate: { readonly token: string | null };
}

export type PairAnswer<T extends PairRequest['type']> =
  | { readonly kind: 'answered'; readonly answer: PairAnswers[T] }
  | { readonly kind: 'refused'; readonly reason: RefusalReason | 'unknown' }
  /** Nobody was reached, or what answered is no stack. */
  | { readonly kind: 'unreachable'; readonly detail: string };

/** The asking end. Never throws for what the network or the other stack does. */
export interface PairTransport {
  send<T extends PairRequest['type']>(
    to: NodeId,
    token: string | null,
    request: Extract<PairRequest, { readonly type: T }>,
    signal: AbortSignal,
  ): Promise<PairAnswer<T>>;
}

/** The answering end: called when the judge has said yes. */
export interface PairingResponder {
  /** All that were not cancelled. */
  invites(): readonly Invite[];
  claim(invite: Invite, node: TailnetNode, claim: Claim): ClaimAnswer;
  hear(peer: Peer, news: PairingNews): PairingNews;
  /** Stores what this stack is to present; answers what the peer is to, or null when it has just been given that. */
  rotate(peer: Peer, token: string): string | null;
  /** The peer has presented this token of its own. */
  presented(peer: Peer, digest: TokenDigest): void;
}

/* What an owner does. */

/** What a peer is to be granted. Throws AgentPeerError with what is wrong with it. */
export interface OfferWish {
  /** `sessionKey` null: a session of the peer's own. The list null: the default alias alone. */
  readonly offers: readonly { readonly alias: string; readonly sessionKey: string | null }[] | null;
  readonly special?: boolean;
  readonly hold?: string;
  /** Of the whole pairing, from now, milliseconds. */
  readonly expiresInMs?: number;
  /** The owner has agreed already to whoever it turns out to be. */
  readonly confirmed: boolean;
}

export interface InviteWish extends OfferWish {
  readonly peer: string;
  /** The only node that may use it, as `peers add` takes it. */
  readonly node?: string;
  readonly validForMs?: number;
}

export interface AcceptWish extends OfferWish {
  readonly code: string;
  /** What to call the other stack here; its node's name without it. */
  readonly name?: string;
}

export type InviteState = 'open' | 'used' | 'expired' | 'cancelled';

/** How far a pairing has come. */
export interface PairingProgress {
  readonly stage: PairingStage;
  readonly ownConfirmed: boolean;
  readonly otherConfirmed: boolean;
  /** The aliases that the other offers; null before it has said so, and later, when the pairing is complete. */
  readonly offered: readonly Alias[] | null;
  /** When it is given up; null when it is not. */
  readonly expiresAt: number | null;
}

export interface PairingView extends PairingProgress {
  readonly peer: Peer;
  readonly node: TailnetNode | null;
  readonly grants: readonly InboundGrant[];
}

export interface Invites {
  create(
    wish: InviteWish,
  ): Promise<{ readonly invite: InviteRecord; readonly code: string; readonly warnings: readonly string[] }>;
  list(): readonly (InviteRecord & { readonly state: InviteState })[];
  find(id: string): InviteRecord & { readonly state: InviteState };
  cancel(id: string): void;
  accept(wish: AcceptWish): Promise<PairingView & { readonly warnings: readonly string[] }>;
  /** The owner agrees to a peer that is provisional, or lets one that is paused go on. */
  confirm(peer: string): Promise<PairingView>;
  view(peer: string): Promise<PairingView>;
  /** Pairings that are not complete, without a question to tailscaled. */
  underWay(): ReadonlyMap<PeerName, PairingProgress>;
}

export interface TokenRotation {
  /** Exchanges both tokens for new ones. `pending`: the peer was not reached; it goes on by itself. */
  rotate(peer: string): Promise<'complete' | 'pending'>;
}
