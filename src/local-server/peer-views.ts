import type { z } from 'zod';
import type { Grant, InboundGrant, OutboundGrant } from '../core/grant.ts';
import type { OutboundObstacle } from '../core/open-outbound.ts';
import type { Peer, PeerName } from '../core/peer.ts';
import type { AgentPeer } from '../ports/agent-api.ts';
import type { InviteState, PairingProgress, PairingView } from '../ports/pairing.ts';
import type { InviteRecord } from '../ports/pairing-store.ts';
import type { TailnetNode } from '../ports/tailnet.ts';
import type * as answers from './answers/peers.ts';
import type { eitherGrant, grant, outboundGrant } from './answers/terms.ts';
import { at, atOrNever } from './instants.ts';

export type PeerView = z.infer<typeof answers.peer>;
export type OwnersPeerView = z.infer<typeof answers.ownersPeer>;
export type NodeView = z.infer<typeof answers.node>;
export type PairingProgressView = z.infer<typeof answers.pairing>;
export type ListedPeerView = z.infer<typeof answers.listedPeer>;
export type PeerDetailView = z.infer<typeof answers.peerDetail>;
export type InviteView = z.infer<typeof answers.invite>;
export type GrantView = z.infer<typeof grant>;
export type EitherGrantView = z.infer<typeof eitherGrant>;

/** Never with the digest of the peer's token. */
export function peerView({ name, nodeId, login, state, expiresAt, replies }: Peer): PeerView {
  const port = replies.mode === 'send-back' ? replies.port : null;
  return { name, nodeId, login, state, replyMode: replies.mode, port, expiresAt: atOrNever(expiresAt) };
}

export type KnownPeer = Peer & { readonly hasOutboundToken: boolean };

export function ownersPeerView(peer: KnownPeer): OwnersPeerView {
  return { ...peerView(peer), hasOutboundToken: peer.hasOutboundToken };
}

export function nodeView({ dnsName, ipv4, online, login }: TailnetNode): NodeView {
  return { dnsName, ipv4, online, login };
}

/** Null for a pairing that is complete. */
export function pairingView(progress: PairingProgress | undefined): PairingProgressView | null {
  if (progress === undefined || progress.stage === 'complete') return null;
  const { stage, ownConfirmed, otherConfirmed, offered, expiresAt } = progress;
  return { stage, ownConfirmed, otherConfirmed, offered, expiresAt: atOrNever(expiresAt) };
}

/** What an agent needs to choose whom to write to, and no more. */
export function agentsPeerView(
  { name, state, hasOutboundToken }: KnownPeer,
  open: readonly OutboundGrant[],
  obstacle: OutboundObstacle | null,
): AgentPeer {
  const aliases = open.map(({ alias, replySession }) => ({ alias, repliesToSession: replySession !== null }));
  return { name, state, hasOutboundToken, aliases, obstacle };
}

export function grantView(grant: InboundGrant): GrantView {
  return {
    peer: grant.peer,
    alias: grant.alias,
    sessionKey: grant.sessionKey,
    operations: grant.operations,
    sendsPerMinute: grant.sendsPerMinute,
    hold: grant.hold,
    expiresAt: atOrNever(grant.expiresAt),
  };
}

export function outboundGrantView({
  peer,
  alias,
  hold,
  replySession,
  expiresAt,
}: OutboundGrant): z.infer<typeof outboundGrant> {
  return { peer, alias, hold, replySession, expiresAt: atOrNever(expiresAt) };
}

export function eitherGrantView(grant: Grant): EitherGrantView {
  return grant.direction === 'inbound'
    ? { direction: grant.direction, ...grantView(grant) }
    : { direction: grant.direction, ...outboundGrantView(grant) };
}

/** With how far the pairing of one is that is not a peer yet. */
export function listedPeerView(
  peer: KnownPeer,
  underWay: ReadonlyMap<PeerName, PairingProgress>,
): ListedPeerView {
  return { ...ownersPeerView(peer), pairing: pairingView(underWay.get(peer.name)) };
}

/** Everything about one peer. */
export function peerDetailView(
  peer: KnownPeer,
  pairing: PairingView,
  grants: readonly Grant[],
): PeerDetailView {
  return {
    peer: ownersPeerView(peer),
    node: pairing.node === null ? null : nodeView(pairing.node),
    pairing: pairingView(pairing),
    // A token was made that the peer may not know yet.
    rotating: peer.overlap?.until === null,
    grants: grants.map(eitherGrantView),
  };
}

/** Never with the digest of its secret. */
export function inviteView(invite: InviteRecord & { readonly state: InviteState }): InviteView {
  return {
    id: invite.id,
    peer: invite.peer,
    state: invite.state,
    nodeId: invite.nodeId,
    claimedBy: invite.claimedBy,
    confirmed: invite.confirmed,
    hold: invite.hold,
    grants: invite.grants.map(grantView),
    expiresAt: at(invite.expiresAt),
    peerExpiresAt: atOrNever(invite.peerExpiresAt),
    createdAt: at(invite.createdAt),
  };
}
