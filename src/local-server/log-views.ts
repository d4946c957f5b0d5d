import type { z } from 'zod';
import { waitingOf } from '../core/hold.ts';
import type { InboxMessage, OutboxMessage } from '../ports/messages.ts';
import type { loggedMessage } from './answers/messages.ts';
import { at } from './instants.ts';

export type LoggedView = z.infer<typeof loggedMessage>;

/** What was said is erased when it is old; no message was ever without a text. */
const textOf = ({ text }: { readonly text: string }): string | null => (text === '' ? null : text);

/** What both directions have. `text` is null when it was erased. */
function loggedOf<M extends InboxMessage | OutboxMessage>(message: M) {
  const { content } = message;
  return {
    peer: message.peer,
    alias: message.alias,
    kind: content.kind,
    fields: content.fields,
    context: content.context,
    text: textOf(message),
    reply: message.reply,
    state: message.state as M['state'],
    hold: waitingOf(message),
    createdAt: at(message.createdAt),
    updatedAt: at(message.updatedAt),
  };
}

/** For the owner alone: a message of a conversation with everything that was said. */
export function loggedOutbound(message: OutboxMessage): LoggedView {
  const { id, taskId, inReplyTo, reason, detail } = message;
  return { direction: 'outbound', id, taskId, inReplyTo, ...loggedOf(message), reason, detail };
}

/** The same of a peer's message. */
export function loggedInbound(message: InboxMessage): LoggedView {
  const { messageId, note } = message;
  const detail = note === null ? message.detail : `${message.detail ?? 'refused'}: ${note}`;
  return {
    direction: 'inbound',
    id: messageId,
    taskId: message.taskId,
    inReplyTo: null,
    ...loggedOf(message),
    reason: null,
    detail,
  };
}
