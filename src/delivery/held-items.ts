import { waitingOf } from '../core/hold.ts';
import type { HeldItem } from '../ports/holds.ts';
import type { InboxMessage, OutboxMessage } from '../ports/messages.ts';

function itemOf(
  row: InboxMessage | OutboxMessage,
  which: Pick<HeldItem, 'id' | 'direction'>,
): HeldItem | null {
  const waiting = waitingOf(row);
  if (waiting === null) return null;
  const { peer, alias, conversation, text, content, createdAt, updatedAt, holdUntil, expiresAt } = row;
  const isReplyHere = waiting.what === 'reply' && waiting.place === 'here';
  return {
    ...waiting,
    ...which,
    ...{ peer, alias, conversation, text, content },
    reply: isReplyHere ? row.reply : null,
    since: isReplyHere ? updatedAt : createdAt,
    until: (waiting.place === 'here' ? holdUntil : null) ?? expiresAt,
  };
}

/** A message of ours as a person is asked about it; null when nobody is. */
export function heldOutbound(message: OutboxMessage): HeldItem | null {
  return itemOf(message, { id: message.id, direction: 'outbound' });
}

/** A peer's message, or our reply to it, as the owner is asked about it; null when nobody is. */
export function heldInbound(message: InboxMessage): HeldItem | null {
  return itemOf(message, { id: message.taskId, direction: 'inbound' });
}
