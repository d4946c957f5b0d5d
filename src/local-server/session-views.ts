import type { z } from 'zod';
import type { InboxMessage, OutboxMessage } from '../ports/messages.ts';
import type { receivedMessage, sentFromSession, sessionMessage } from './answers/inbox.ts';
import { at, atOrNever } from './instants.ts';
import { messageView } from './views.ts';

/** A peer's message as its session was handed it, and what that session answered. */
export function receivedView(message: InboxMessage): z.infer<typeof receivedMessage> {
  const { kind, fields, context } = message.content;
  return {
    direction: 'received',
    peer: message.peer,
    alias: message.alias,
    conversation: message.conversation,
    kind,
    fields,
    contextParts: context.length,
    text: message.text,
    // What a person has not looked at yet, or ended, was answered to nobody.
    reply: message.state === 'replied' ? message.reply : null,
    createdAt: at(message.createdAt),
    erasedAt: atOrNever(message.erasedAt),
  };
}

/** A message of which the session gets the reply, and how it stands. */
export function sentView(message: OutboxMessage): z.infer<typeof sentFromSession> {
  return { direction: 'sent', ...messageView(message), text: message.text };
}

export type SessionMessageView = z.infer<typeof sessionMessage>;
