import { waitingOf } from '../core/hold.ts';
import type { HeldCounts, HeldItem } from '../ports/holds.ts';
import type { InboxMessage, InboxStore, OutboxMessage, OutboxStore } from '../ports/messages.ts';

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

export interface HeldParts {
  readonly outbox: Pick<OutboxStore, 'held' | 'heldByPeer' | 'countHeldByPeer' | 'counts'>;
  readonly inbox: Pick<InboxStore, 'held' | 'counts'>;
}

/** Of each kind; nobody reads more. */
const LISTED = 200;

const isItem = (item: HeldItem | null): item is HeldItem => item !== null;

/** Oldest first; what waits for the owner of this stack first. */
export function listHeld({ outbox, inbox }: HeldParts): readonly HeldItem[] {
  const here = [...outbox.held(LISTED).map(heldOutbound), ...inbox.held(LISTED).map(heldInbound)];
  const there = outbox.heldByPeer(LISTED).map(heldOutbound);
  return [...here.filter(isItem).sort((a, b) => a.since - b.since), ...there.filter(isItem)];
}

function waiting(counts: Readonly<Partial<Record<string, number>>>): number {
  return (counts['held'] ?? 0) + (counts['reply-held'] ?? 0);
}

export function countHeld({ outbox, inbox }: HeldParts): HeldCounts {
  return { here: waiting(outbox.counts()) + waiting(inbox.counts()), there: outbox.countHeldByPeer() };
}
