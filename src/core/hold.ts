import type { Grant, Hold } from './grant.ts';

/**
 * Why a person has to look at a message before it goes on. `grant`: its owner wishes it so. All others are the loop
 * guard: two agents, or the two machines of one owner, must not run up a bill unnoticed.
 */
export const HOLD_REASONS = [
  'grant',
  'hop-limit',
  'turns-per-hour',
  'turns-per-day',
  'turns-per-conversation',
  'bytes-per-day',
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

export function isHoldReason(raw: string): raw is HoldReason {
  return (HOLD_REASONS as readonly string[]).includes(raw);
}

type Way = Grant['direction'];

/** Whether somebody looks at what goes this way. */
export function covers(hold: Hold, way: Way): boolean {
  return hold === 'both' || hold === way;
}

/**
 * Whether a person looks at replies that go this way. Any grant with the peer that covers the way is enough: a message that
 * comes in under a free one may ask for what may not leave under another.
 * @param grants all that there are with this peer, ended ones too
 */
export function coversReply(grants: readonly Pick<Grant, 'hold'>[], way: Way): boolean {
  return grants.some(({ hold }) => covers(hold, way));
}
