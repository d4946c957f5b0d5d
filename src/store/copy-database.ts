import { closeSync, fdatasync, openSync } from 'node:fs';
import { backup, type DatabaseSync } from 'node:sqlite';
import { storageUnavailable } from './storage-errors.ts';

/** Between two turns of the event loop. */
const PAGES_AT_ONCE = 64;
const FLUSH_EVERY_PAGES = 2048;

/**
 * Brings what is written to the disk bit by bit. SQLite would do it all at the end and hold the connection meanwhile: for
 * 200 MB, more than half a second on a fast disk, and many seconds on a slow one.
 */
function createFlusher(file: string) {
  const descriptor = openSync(file, 'r+');
  let unflushed = 0;
  let last: Promise<void> | null = null;
  return {
    wrote: (pages: number): void => {
      unflushed += pages;
      if (unflushed < FLUSH_EVERY_PAGES || last !== null) return;
      unflushed = 0;
      // What this cannot flush, SQLite finds out when it does.
      last = new Promise((resolve) => fdatasync(descriptor, () => resolve()));
      void last.then(() => (last = null));
    },
    close: async (): Promise<void> => {
      await last;
      closeSync(descriptor);
    },
  };
}

/**
 * Copies the database as it is when this ends, while it is read and written on.
 * @param file empty, ours
 */
export async function copyDatabase(db: DatabaseSync, file: string): Promise<void> {
  const flusher = createFlusher(file);
  try {
    await backup(db, file, { rate: PAGES_AT_ONCE, progress: () => flusher.wrote(PAGES_AT_ONCE) });
    // Node calls the copy done as well when the database was closed under it.
    if (!db.isOpen) throw storageUnavailable('the database was closed while it was copied', 'Try it again');
  } finally {
    await flusher.close();
  }
}
