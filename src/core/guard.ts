import type { GuardReason } from './hold.ts';
import { HOP_LIMIT } from './message.ts';

/**
 * What one pair of stacks may do before a person has to look: both directions together, because each message is a turn of
 * an agent on one side or the other. Counts, and bytes of text.
 */
export interface Budgets {
  readonly turnsPerHour: number;
  readonly turnsPerDay: number;
  readonly turnsPerConversation: number;
  readonly bytesPerDay: number;
}

export const BUDGETS: Budgets = {
  turnsPerHour: 20,
  turnsPerDay: 60,
  turnsPerConversation: 30,
  bytesPerDay: 4 * 1024 * 1024,
};

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** What the pair did before this message, as this side has it on disk; and how far the message's chain has come. */
export interface Load {
  readonly hop: number;
  readonly lastHour: number;
  readonly lastDay: number;
  readonly ofConversation: number;
  readonly bytesLastDay: number;
}

/**
 * Why this message has to wait for a person; null when it need not. The hop comes last: what a sender's owner can release
 * by saying that the chain begins anew must not be held for anything else.
 */
export function guard(load: Load, budgets: Budgets): GuardReason | null {
  // Written so that a count that is not a number holds.
  if (!(load.lastHour < budgets.turnsPerHour)) return 'turns-per-hour';
  if (!(load.lastDay < budgets.turnsPerDay)) return 'turns-per-day';
  if (!(load.ofConversation < budgets.turnsPerConversation)) return 'turns-per-conversation';
  if (!(load.bytesLastDay < budgets.bytesPerDay)) return 'bytes-per-day';
  return load.hop <= HOP_LIMIT ? null : 'hop-limit';
}

/** How far the chain of this message has come. One that a person let go on begins a chain. */
export function chainHop({
  hop,
  isReleased,
}: {
  readonly hop: number;
  readonly isReleased: boolean;
}): number {
  return isReleased ? 0 : hop;
}

/** The hops that a new message may follow; null where there is none. */
export interface Before {
  /**
   * Of the newest message in its conversation. Not the highest: it would stand for ever, and a person's word, which begins
   * the count anew on one machine, would change nothing on the others.
   */
  readonly ofConversation: number | null;
  /**
   * The highest of what is read now, or was read last in any conversation within the last minute: by the session that
   * writes, where that is known, else by any.
   */
  readonly ofRecent: number | null;
}

/** How long after its turn an agent may still be about to act on what it read. */
export const RECENT_MS = 60_000;

/** How long a peer that counts no hops may be about to act on what it was told last: as long as a turn of its agent takes. */
export const TOLD_MS = 10 * 60_000;

/**
 * The hop of a message from a peer that counts none. What it was told just now counts as what it follows, else two agents
 * that answer each other would never be stopped.
 * @param told of the newest message that it was told within `TOLD_MS`; null when there is none
 */
export function hopAfter(told: number | null): number {
  return (told ?? -1) + 1;
}

/**
 * The hop of a message that an agent here wants sent. A person begins every chain. An agent may say that it goes on with an
 * older conversation, so what it read just now counts beside what it names.
 */
export function nextHop({ ofConversation, ofRecent }: Before): number {
  return Math.max(ofConversation ?? -1, ofRecent ?? -1) + 1;
}
