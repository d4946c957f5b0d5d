import type { Restore } from '../core/restore.ts';
import type { Database } from './database.ts';

export interface RestoreTable {
  /** Oldest first. */
  list(): readonly Restore[];
  add(restore: Restore): void;
}

export function createRestoreTable(db: Database): RestoreTable {
  const select = db.prepare<Restore>(
    'SELECT taken_at AS takenAt, restored_at AS restoredAt FROM restores ORDER BY restored_at',
  );
  const insert = db.prepare('INSERT INTO restores (taken_at, restored_at) VALUES (:takenAt, :restoredAt)');
  return {
    list: () => select.all().map((row) => ({ ...row })),
    add: ({ takenAt, restoredAt }) => insert.run({ takenAt, restoredAt }),
  };
}
