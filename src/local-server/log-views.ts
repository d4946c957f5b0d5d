import { waitingOf } from '../core/hold.ts';
import type { InboxMessage, OutboxMessage } from '../ports/messages.ts';
import { at } from './instants.ts';

/** What was said is erased when it is old; no message was ever without a text. */
const textOf = ({ text }: { readonly text: string }): string | null => (text === '' ? null : text);

/** What both directions have. `text` is null when it was erased. */
function loggedOf(message: InboxMessage | OutboxMessage) {
  const { content } = message;
  return {
    peer: message.peer,
    alias: message.alias,
    kind: content.kind,
    fields: content.fields,
    context: content.context,
    text: textOf(message),
    reply: message.reply,
    state: message.state,
    hold: waitingOf(message),
    createdAt: at(message.createdAt),
    updatedAt: at(message.updatedAt),
  };
}

/** For the owner alone: a message of a conversation with everything that was said. */
export function loggedOutbound(message: OutboxMessage) {
  const { id, taskId, inReplyTo, reason, detail } = message;
  return {
    direction: 'outbound' as const,
    id: id as string,
    taskId,
    inReplyTo,
    ...loggedOf(message),
    reason,
    detail,
  };
}

/** The same of a peer's message. */
export function loggedInbound(message: InboxMessage) {
  const { messageId, note } = message;
  const detail = note === null ? message.detail : `${message.detail ?? 'refused'}: ${note}`;
  return {
    direction: 'inbound' as const,
    id: messageId as string,
    taskId: message.taskId as string,
    inReplyTo: null,
    ...loggedOf(message),
    reason: null,
    detail,
  };
}

export type LoggedView = ReturnType<typeof loggedOutbound> | ReturnType<typeof loggedInbound>;
