import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../log.ts';
import { SIDE_FILES } from './side-files.ts';

const BYTES = 1024 * 1024;
const PIECE = 16 * 1024;
/** Enough for one more change. */
const LEAST_BYTES = 256 * 1024;

/** Space on the disk that is given up when there is no other: an owner must be able to shut a door on a full disk. */
export interface Reserve {
  /** True when there was any. */
  giveUp(): boolean;
  /** Takes the space again when there is room. Never throws. */
  fill(): void;
}

/** Of real blocks: a file system gives nothing to a file that is only long. Random enough for one that compresses. */
function write(draft: string): number {
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    const written = writeAll(descriptor);
    fsyncSync(descriptor);
    return written;
  } finally {
    closeSync(descriptor);
  }
}

/** As much as there is room for. */
function writeAll(descriptor: number): number {
  let written = 0;
  try {
    while (written < BYTES) written += writeSync(descriptor, crypto.getRandomValues(Buffer.alloc(PIECE)));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
  return written;
}

export function createReserve(dataDir: string, log: Log): Reserve {
  const file = join(dataDir, SIDE_FILES.reserve);
  const draft = `${file}.new`;
  const size = (): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return {
    giveUp: () => {
      if (size() < LEAST_BYTES) return false;
      rmSync(file);
      log.warn('reserve-given-up', { fix: 'The disk of the data volume is full: free some space' });
      return true;
    },
    fill: () => {
      if (size() >= BYTES) return;
      try {
        const bytes = write(draft);
        if (bytes > size()) renameSync(draft, file);
        log.info('reserve-filled', { bytes: size() });
      } catch {
        // The disk does not serve at all: whoever needs it finds that out.
      } finally {
        rmSync(draft, { force: true });
      }
    },
  };
}
