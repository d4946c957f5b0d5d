import { waitingOf } from '../core/hold.ts';
import type { InboxMessage, OutboxMessage } from '../ports/messages.ts';
import { at } from './instants.ts';

/** What was said is erased when it is old; no message was ever without a text. */
const textOf = ({ text }: { readonly text: string }): string | null => (text === '' ? null : text);

/** For the owner alone: a message of a conversation with everything that was said. `text` is null when it was erased. */
export function loggedOutbound(message: OutboxMessage) {
  const { content } = message;
  return {
    direction: 'outbound' as const,
    id: message.id as string,
    peer: message.peer,
    alias: message.alias,
    kind: content.kind,
    fields: content.fields,
    context: content.context,
    text: textOf(message),
    reply: message.reply,
    state: message.state,
    hold: waitingOf(message),
    reason: message.reason,
    detail: message.detail,
    createdAt: at(message.createdAt),
    updatedAt: at(message.updatedAt),
  };
}

/** The same of a peer's message. */
export function loggedInbound(message: InboxMessage) {
  const { content, note } = message;
  return {
    direction: 'inbound' as const,
    id: message.messageId as string,
    peer: message.peer,
    alias: message.alias,
    kind: content.kind,
    fields: content.fields,
    context: content.context,
    text: textOf(message),
    reply: message.reply,
    state: message.state,
    hold: waitingOf(message),
    reason: null,
    detail: note === null ? message.detail : `${message.detail ?? 'refused'}: ${note}`,
    createdAt: at(message.createdAt),
    updatedAt: at(message.updatedAt),
  };
}

export type LoggedView = ReturnType<typeof loggedOutbound> | ReturnType<typeof loggedInbound>;
