import type { Hold } from './grant.ts';

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

/** Whether somebody looks at what goes this way. */
export function covers(hold: Hold, way: 'inbound' | 'outbound'): boolean {
  return hold === 'both' || hold === way;
}
