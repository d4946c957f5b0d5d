import { closeSync, createReadStream, fstatSync, openSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../log.ts';
import type { Snapshot, Snapshots } from '../ports/snapshot.ts';
import type { Database } from './database.ts';
import { SIDE_FILES } from './side-files.ts';
import { fileError, storageUnavailable } from './storage-errors.ts';

/** Left free beside the copy: a backup must not be what keeps messages from being accepted. */
const SPARE_BYTES = 32 * 1024 * 1024;

function checkRoom(db: Database, dataDir: string): void {
  const needed = statSync(db.file).size + SPARE_BYTES;
  const { bavail, bsize } = statfsSync(dataDir);
  if (bavail * bsize >= needed) return;
  const mebibytes = Math.ceil(needed / 1024 / 1024);
  throw storageUnavailable(
    `${dataDir} has too little room for a copy of the database`,
    `Free some: it takes ${mebibytes} MiB until the backup is done`,
  );
}

/** Removed as soon as it is open: what reads it goes on, and nothing is left when this process dies. */
function openAndRemove(file: string): Snapshot {
  const descriptor = openSync(file, 'r');
  rmSync(file);
  const bytes = createReadStream('', { fd: descriptor, autoClose: true });
  return { bytes, size: fstatSync(descriptor).size };
}

async function copyTo(db: Database, dataDir: string, file: string): Promise<Snapshot> {
  try {
    checkRoom(db, dataDir);
    // With a mode of our own, before SQLite makes it with another.
    closeSync(openSync(file, 'wx', 0o600));
    await db.copyTo(file);
    return openAndRemove(file);
  } catch (error) {
    rmSync(file, { force: true });
    rmSync(`${file}-journal`, { force: true });
    throw error instanceof Error && 'syscall' in error ? fileError(file, 'made or read', error) : error;
  }
}

/** One at a time: each takes as much room as the database. */
export function createSnapshots(db: Database, dataDir: string, log: Log): Snapshots {
  let count = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    take: () => {
      count += 1;
      const file = join(dataDir, `${SIDE_FILES.snapshot}-${count}`);
      const taken = last.then(() => copyTo(db, dataDir, file));
      last = taken.then(
        ({ size }) => log.info('snapshot-taken', { bytes: size }),
        () => undefined,
      );
      return taken;
    },
  };
}
