import type { Clock } from '../ports/machine.ts';

/** Less is the fine tuning of a time service, and delays nothing that anybody would notice. */
const STEP_MS = 1_000;

/** Notices a clock that was set back: what was to be done at an instant that it had shown before would wait for that again. */
export interface ClockSteps {
  /** The instant now. `setBack` is told by how much, when it went back since the last look. */
  look(setBack: (ms: number) => void): number;
}

export function createClockSteps(clock: Clock): ClockSteps {
  let latest = 0;
  return {
    look: (setBack) => {
      const now = clock.now();
      const behindMs = latest - now;
      latest = now;
      if (behindMs >= STEP_MS) setBack(behindMs);
      return now;
    },
  };
}
