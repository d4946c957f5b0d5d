import type { InboundGrant, OutboundGrant } from '../core/grant.ts';
import type { Peer } from '../core/peer.ts';
import type { AuditLine } from '../ports/audit.ts';
import type { InboxMessage, OutboxMessage } from '../ports/messages.ts';

/**
 * What callers are shown of each thing. Field by field, never a spread: what is added to a stored row must not appear
 * here by itself. Instants are ISO 8601 in UTC.
 */
const at = (instant: number) => new Date(instant).toISOString();

export function messageView(message: OutboxMessage) {
  return {
    id: message.id,
    peer: message.peer,
    alias: message.alias,
    conversation: message.conversation,
    state: message.state,
    reply: message.reply,
    reason: message.reason,
    detail: message.detail,
    taskId: message.taskId,
    attempts: message.attempts,
    createdAt: at(message.createdAt),
    updatedAt: at(message.updatedAt),
  };
}
export type MessageView = ReturnType<typeof messageView>;

/** For the owner alone: with the text. */
export function outboundView(message: OutboxMessage) {
  return { direction: 'outbound' as const, ...messageView(message), text: message.text };
}

/** For the owner alone: with the text, and in the same shape as an outbound one. */
export function inboundView(message: InboxMessage) {
  return {
    direction: 'inbound' as const,
    id: message.messageId,
    peer: message.peer,
    alias: message.alias,
    conversation: message.conversation,
    state: message.state,
    reply: message.reply,
    reason: null,
    detail: message.detail,
    taskId: message.taskId,
    attempts: null,
    createdAt: at(message.createdAt),
    updatedAt: at(message.updatedAt),
    text: message.text,
  };
}
export type ListedMessageView = ReturnType<typeof outboundView> | ReturnType<typeof inboundView>;

/** Never with the digest of the peer's token. */
export function peerView(peer: Peer) {
  return { name: peer.name, nodeId: peer.nodeId, login: peer.login, state: peer.state };
}

type KnownPeer = Peer & { readonly hasOutboundToken: boolean };

export function ownersPeerView(peer: KnownPeer) {
  return { ...peerView(peer), hasOutboundToken: peer.hasOutboundToken };
}

/** What an agent needs to choose whom to write to, and no more. */
export function agentsPeerView({ name, state, hasOutboundToken }: KnownPeer) {
  return { name, state, hasOutboundToken };
}

const atOrNever = (instant: number | null) => (instant === null ? null : at(instant));

export function grantView(grant: InboundGrant) {
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
export type GrantView = ReturnType<typeof grantView>;

export function outboundGrantView({ peer, alias, hold, expiresAt }: OutboundGrant) {
  return { peer, alias, hold, expiresAt: atOrNever(expiresAt) };
}

export function auditLineView(line: AuditLine) {
  return {
    time: line.time,
    direction: line.direction,
    surface: line.surface,
    operation: line.operation,
    allowed: line.allowed,
    reason: line.reason,
    peer: line.peer,
    nodeId: line.nodeId,
    alias: line.alias,
    messageId: line.messageId,
    textDigest: line.textDigest,
    skipped: line.skipped,
  };
}
export type AuditLineView = ReturnType<typeof auditLineView>;
