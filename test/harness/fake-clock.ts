import type { Clock } from '../../src/ports/machine.ts';

export interface FakeClock extends Clock {
  /** Moves time on; timers are not touched. */
  advance(ms: number): void;
}

/** A clock that stands still until it is told otherwise. */
export function createFakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}
