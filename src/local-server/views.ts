import type { z } from 'zod';
import { readAnswer } from '../core/answer.ts';
import type { Content } from '../core/content.ts';
import type { InboundGrant } from '../core/grant.ts';
import { waitingOf } from '../core/hold.ts';
import { sessionOffer } from '../core/session-offer.ts';
import type { AuditLine } from '../ports/audit.ts';
import type { GatewaySession } from '../ports/gateway.ts';
import type { InboxMessage, OutboxMessage } from '../ports/messages.ts';
import type {
  inboundMessage,
  message,
  outboundMessage,
  sentMessage,
  wholeMessage,
} from './answers/messages.ts';
import type { auditLine, session } from './answers/stack.ts';
import { at, atOrNever } from './instants.ts';

export type MessageView = z.infer<typeof message>;
/** What whoever sent it is answered. */
export type SentMessageView = z.infer<typeof sentMessage>;
type OutboundView = z.infer<typeof outboundMessage>;
type InboundView = z.infer<typeof inboundMessage>;
export type ListedMessageView = OutboundView | InboundView;
export type WholeMessageView = z.infer<typeof wholeMessage>;
export type SessionView = z.infer<typeof session>;
export type AuditLineView = z.infer<typeof auditLine>;

/** What a message is beside its text, without the context: that can be as long as a text. */
function contentView({ kind, fields, context }: Content, reply: string | null) {
  const answer = reply === null ? null : readAnswer(kind, reply);
  return { kind, fields, contextParts: context.length, answer };
}

/**
 * What callers are shown of each thing. Field by field, never a spread: what is added to a stored row must not appear
 * here by itself. Peers and grants are in peer-views.ts.
 */
export function messageView(message: OutboxMessage): MessageView {
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

/** For the owner alone: with the text. */
export function outboundView(message: OutboxMessage): OutboundView {
  return { direction: 'outbound', ...messageView(message), text: message.text };
}

/** For the owner alone: one message with all that it says. */
export function wholeView(message: OutboxMessage): WholeMessageView {
  return { ...outboundView(message), context: message.content.context };
}

/** For the owner alone: with the text, and in the same shape as an outbound one. */
export function inboundView(message: InboxMessage): InboundView {
  return {
    direction: 'inbound',
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

/** @param grants all that there are */
export function sessionView(session: GatewaySession, grants: readonly InboundGrant[]): SessionView {
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

export function auditLineView(line: AuditLine): AuditLineView {
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
