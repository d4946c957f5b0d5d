import type { Clock } from '../ports/machine.ts';
import type { Database } from './database.ts';
import { isFull } from './storage-errors.ts';

/** The latest instant that this stack has seen, on disk: a clock that is set back must not bring back what expired. */
export interface ClockMark {
  /** Looks at the clock and at the disk. Throws AgentPeerError `storage-unavailable`. */
  latest(): number;
  accept(): void;
  /** Writes what was seen last: a stop forgets nothing. */
  close(): void;
}

/** What may be forgotten when the process is killed; far under the judge's own tolerance. */
const WRITE_EVERY_MS = 30_000;

export function createClockMark(db: Database, clock: Clock): ClockMark {
  const read = db.prepare<{ latest: number }>('SELECT latest FROM clock WHERE id = 1');
  const write = db.prepare('UPDATE clock SET latest = :latest WHERE id = 1');
  const stored = (): number => read.get()?.latest ?? Number.NaN;
  let seen = 0;
  /** On a full disk it is known to this process at least: peers must be able to fetch their replies meanwhile. */
  const remember = (now: number): void => {
    try {
      write.run({ latest: now });
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  };
  return {
    latest: () => {
      db.checkFile();
      const [onDisk, now] = [stored(), clock.now()];
      if (now - onDisk >= WRITE_EVERY_MS) remember(now);
      // NaN, from a row that is gone, stays NaN: the judge then allows nothing.
      seen = Math.max(seen, onDisk, now);
      return seen;
    },
    accept: () => {
      const now = clock.now();
      write.run({ latest: now });
      seen = now;
    },
    close: () => {
      if (seen > stored()) write.run({ latest: seen });
    },
  };
}
