import { AgentPeerError } from '../errors.ts';
import { openDatabase, type Database } from './database.ts';
import { checkPages } from './file-checks.ts';
import { migrate, SCHEMA } from './migrations.ts';
import { isDamage } from './storage-errors.ts';

const damaged = (cause: unknown) =>
  new AgentPeerError('backup-unreadable', 'the database in the backup is damaged', 'Take an older backup', {
    cause,
  });

function checkSchema(db: Database): void {
  const schema = db.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0;
  if (schema === 0) throw damaged('it has no schema');
  if (schema <= SCHEMA) return;
  const what = `the backup has schema ${schema}, newer than the ${SCHEMA} that this version of agent-peer knows`;
  throw new AgentPeerError('backup-unreadable', what, 'Use the version that took it, or a later one');
}

/** Opens the database of a backup and brings it to this program's schema. Throws AgentPeerError `backup-unreadable`. */
export function openBackup(file: string): Database {
  let db: Database | null = null;
  try {
    db = openDatabase(file);
    checkPages(db);
    checkSchema(db);
    migrate(db);
    return db;
  } catch (error) {
    db?.close();
    throw isDamage(error) ? damaged(error) : error;
  }
}
