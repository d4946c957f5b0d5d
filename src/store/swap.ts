import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import type { Database } from './database.ts';
import { storageUnavailable } from './storage-errors.ts';

/** What SQLite keeps beside a database, under its name: it would be taken for a part of whatever has that name. */
const SIDES = ['-wal', '-shm', '-journal'];

/**
 * Afterwards the database is one file, and this process still has it. In the exclusive mode of locking SQLite would keep a
 * journal beside it until the end; for the moment without, whoever comes first is told by the last statement.
 */
const LEAVING_WAL = [
  'PRAGMA wal_checkpoint(TRUNCATE)',
  'PRAGMA journal_mode = DELETE',
  'PRAGMA locking_mode = NORMAL',
  'SELECT count(*) FROM sqlite_schema',
  'BEGIN EXCLUSIVE',
];

export function leaveWal(db: Database): void {
  for (const sql of LEAVING_WAL) db.exec(sql);
}

/** Only one file takes the other's name. Throws AgentPeerError `storage-unavailable` when there is more to it. */
export function checkAlone(file: string): void {
  if (!SIDES.some((side) => existsSync(`${file}${side}`))) return;
  throw storageUnavailable(
    `${file} could not be brought into one file`,
    'Look at the disk and its room, and try again',
  );
}

export function sync(file: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Up to the last rename the old database is the one that counts, from then on the new one. */
export function swap(file: string, fresh: string, former: string | null): void {
  if (former !== null) {
    for (const side of ['', ...SIDES]) rmSync(`${former}${side}`, { force: true });
    linkSync(file, former);
  }
  for (const side of SIDES) {
    if (!existsSync(`${file}${side}`)) continue;
    if (former === null) rmSync(`${file}${side}`);
    else renameSync(`${file}${side}`, `${former}${side}`);
  }
  renameSync(fresh, file);
}
