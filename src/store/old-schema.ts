import { chmodSync, closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Log } from '../log.ts';
import type { Database } from './database.ts';
import { syncFile, syncFolder } from './key-file.ts';
import { SCHEMA, schemaOf } from './migrations.ts';
import { fileError, isFull, storageUnavailable } from './storage-errors.ts';

function copyTo(db: Database, kept: string): void {
  const draft = `${kept}.new`;
  rmSync(draft, { force: true });
  try {
    // With a mode of our own, before SQLite makes it with another.
    closeSync(openSync(draft, 'wx', 0o600));
    db.exec(`VACUUM INTO '${draft.replaceAll("'", "''")}'`);
    chmodSync(draft, 0o600);
    syncFile(draft);
    renameSync(draft, kept);
    syncFolder(dirname(kept));
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/**
 * Copies a database of an older schema before it is changed: the way back to the version that wrote it. Throws AgentPeerError
 * `storage-unavailable` when there is no room for it, and then nothing was changed.
 */
export function keepOldSchema(db: Database, log: Log): void {
  const schema = schemaOf(db);
  if (schema === 0 || schema >= SCHEMA) return;
  const kept = `${db.file}.schema-${schema}`;
  try {
    copyTo(db, kept);
  } catch (error) {
    if (isFull(error)) {
      const what = `${db.file} has schema ${schema}, and there is no room to keep a copy of it before it is brought to ${SCHEMA}`;
      throw storageUnavailable(what, 'Free as much space as the database takes, then start again', error);
    }
    throw error instanceof Error && 'syscall' in error ? fileError(kept, 'made', error) : error;
  }
  log.info('old-schema-kept', { file: kept, schema });
}
