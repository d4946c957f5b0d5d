import { readAnswer } from '../core/answer.ts';
import type { Content } from '../core/content.ts';
import type { InboundGrant } from '../core/grant.ts';
import { waitingOf } from '../core/hold.ts';
import { sessionOffer } from '../core/session-offer.ts';
import type { AuditLine } from '../ports/audit.ts';
import type { GatewaySession } from '../ports/gateway.ts';
import type { InboxMessage, OutboxMessage } from '../ports/messages.ts';
import { at, atOrNever } from './instants.ts';

/** What a message is beside its text, without the context: that can be as long as a text. */
function contentView({ kind, fields, context }: Content, reply: string | null) {
  const answer = reply === null ? null : readAnswer(kind, reply);
  return { kind, fields, contextParts: context.length, answer };
}

/**
 * What callers are shown of each thing. Field by field, never a spread: what is added to a stored row must not appear
 * here by itself. Peers and grants are in peer-views.ts.
 */
export function messageView(message: OutboxMessage) {
  return {
    id: message.id,
    peer: message.peer,
    alias: message.alias,
    conversation: message.conversation,
    state: message.state,
    ...contentView(message.content, message.state === 'answered' ? message.reply : null),
    hold: waitingOf(message),
    // What a person has not looked at yet, or ended, is no reply to anybody.
    reply: message.state === 'answered' ? message.reply : null,
    reason: message.reason,
    detail: message.detail,
    taskId: message.taskId,
    inReplyTo: message.inReplyTo,
    attempts: message.attempts,
    createdAt: at(message.createdAt),
    updatedAt: at(message.updatedAt),
    erasedAt: atOrNever(message.erasedAt),
  };
}
export type MessageView = ReturnType<typeof messageView>;
/** What whoever sent it is answered. */
export type SentMessageView = MessageView & { readonly warnings: readonly string[] };

/** For the owner alone: with the text. */
export function outboundView(message: OutboxMessage) {
  return { direction: 'outbound' as const, ...messageView(message), text: message.text };
}

/** For the owner alone: one message with all that it says. */
export function wholeView(message: OutboxMessage) {
  return { ...outboundView(message), context: message.content.context };
}
export type WholeMessageView = ReturnType<typeof wholeView>;

/** For the owner alone: with the text, and in the same shape as an outbound one. */
export function inboundView(message: InboxMessage) {
  return {
    direction: 'inbound' as const,
    id: message.messageId,
    peer: message.peer,
    alias: message.alias,
    conversation: message.conversation,
    state: message.state,
    ...contentView(message.content, message.reply),
    hold: waitingOf(message),
    reply: message.reply,
    reason: null,
    detail: message.detail,
    taskId: message.taskId,
    inReplyTo: null,
    attempts: null,
    createdAt: at(message.createdAt),
    updatedAt: at(message.updatedAt),
    erasedAt: atOrNever(message.erasedAt),
    text: message.text,
  };
}
export type ListedMessageView = ReturnType<typeof outboundView> | ReturnType<typeof inboundView>;

/** @param grants all that there are */
export function sessionView(session: GatewaySession, grants: readonly InboundGrant[]) {
  const { sessionKey, agentId, usedAt } = session;
  const { kind, offer } = sessionOffer(sessionKey);
  const offered = grants.filter((grant) => grant.sessionKey === sessionKey);
  return {
    sessionKey,
    agentId,
    kind,
    offer,
    usedAt: atOrNever(usedAt),
    offeredTo: offered.map(({ peer, alias }) => ({ peer, alias })),
  };
}
export type SessionView = ReturnType<typeof sessionView>;

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
