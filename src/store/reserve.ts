import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../log.ts';
import { SIDE_FILES } from './side-files.ts';

const BYTES = 1024 * 1024;

/** Space on the disk that is given up when there is no other: an owner must be able to shut a door on a full disk. */
export interface Reserve {
  /** True when there was any. */
  giveUp(): boolean;
  /** Takes the space again when there is room. Never throws. */
  fill(): void;
}

/** Of real blocks: a file system gives nothing to a file that is only long. Random enough for one that compresses. */
function write(file: string): void {
  const draft = `${file}.new`;
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    for (let left = BYTES; left > 0;)
      left -= writeSync(descriptor, crypto.getRandomValues(Buffer.alloc(65_536)));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
}

export function createReserve(dataDir: string, log: Log): Reserve {
  const file = join(dataDir, SIDE_FILES.reserve);
  const isThere = (): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) >= BYTES;
  return {
    giveUp: () => {
      if (!isThere()) return false;
      rmSync(file);
      log.warn('reserve-given-up', { fix: 'The disk of the data volume is full: free some space' });
      return true;
    },
    fill: () => {
      if (isThere()) return;
      try {
        write(file);
        log.info('reserve-filled', { bytes: BYTES });
      } catch {
        // Half of it would only take the room that messages need.
        rmSync(`${file}.new`, { force: true });
      }
    },
  };
}
