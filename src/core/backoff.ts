const FIRST_MS = 500;
const CAP_MS = 60_000;

/**
 * Milliseconds until attempt number `attempts + 1`: doubling from half a second, capped at a minute.
 * @param jitter 0 to 1, random: spreads two stacks that lost each other at the same moment.
 */
export function backoffMs(attempts: number, jitter: number): number {
  const ceiling = Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(attempts, 20));
  return Math.round(ceiling / 2 + (ceiling / 2) * jitter);
}
