import { statSync, type Stats } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { AgentPeerError } from '../errors.ts';
import { copyDatabase } from './copy-database.ts';
import { PUT_BACK, storageError, storageUnavailable } from './storage-errors.ts';

export type Values = Record<string, SQLInputValue>;

/** A prepared statement. `Row` is what its SELECT answers, with the column names it asks for. */
export interface Statement<Row> {
  run(values?: Values): void;
  get(values?: Values): Row | null;
  all(values?: Values): Row[];
}

/** One SQLite connection. Every call throws AgentPeerError `storage-unavailable` when the disk does not serve. */
export interface Database {
  readonly file: string;
  /** Throws AgentPeerError `storage-unavailable` when the file under its name is not the open one any more. */
  checkFile(): void;
  prepare<Row extends object>(sql: string): Statement<Row>;
  exec(sql: string): void;
  /** All of `work` is on disk when it returns, or none of it. */
  transaction<T>(work: () => T): T;
  /** Copies all of it into an empty file, while it is read and written on. */
  copyTo(file: string): Promise<void>;
  /** Gives some of the free pages at once back to the disk; a small part of a second. */
  shrink(): void;
  close(): void;
}

/**
 * The lock that keeps a second proxy out is SQLite's own on the file: it dies with the process, however that ends,
 * and holds between containers that share the volume. With `locking_mode` set before the first read, WAL needs no
 * shared memory either. POSIX drops such a lock when the process closes *any* descriptor of the file, so nothing else
 * here may open it.
 */
const OPENING = [
  'PRAGMA locking_mode = EXCLUSIVE',
  'PRAGMA journal_mode = WAL',
  'PRAGMA synchronous = FULL',
  'PRAGMA foreign_keys = ON',
  'PRAGMA trusted_schema = OFF',
  // What is erased is overwritten, and not only out of sight.
  'PRAGMA secure_delete = ON',
  'PRAGMA journal_size_limit = 16777216',
  'BEGIN IMMEDIATE',
  'COMMIT',
];

/** A lock on a file that has lost its name meanwhile keeps nobody out: a restore was just putting another in its place. */
function checkStillNamed(file: string, opened: Stats | undefined): void {
  if (opened === undefined || statSync(file, { throwIfNoEntry: false })?.ino === opened.ino) return;
  throw new AgentPeerError('storage-locked', `${file} was replaced while it was opened`, 'Start it again');
}

function connect(file: string, busyMs: number): DatabaseSync {
  const named = statSync(file, { throwIfNoEntry: false });
  const db = new DatabaseSync(file, { timeout: busyMs });
  try {
    // Counts for a new file only: an old one uses its free pages again and keeps its size, and would be written to by it.
    if (named?.size === 0) db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    for (const sql of OPENING) db.exec(sql);
    checkStillNamed(file, named);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function transact<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/**
 * A file that was removed, replaced or cut while it is open goes on answering out of memory, and what is written then
 * is gone with this process. Looks without opening: that would drop the lock.
 */
function createFileCheck(file: string) {
  let known = statSync(file);
  const check = (): void => {
    const now = statSync(file, { throwIfNoEntry: false });
    const isSame = now?.ino === known.ino && now.dev === known.dev && now.size >= known.size;
    if (now === undefined || !isSame) {
      throw storageUnavailable(`${file} was removed, replaced or cut while it was in use`, PUT_BACK);
    }
    known = now;
  };
  /** For what cuts the file on purpose. */
  const whileCut = (cut: () => void): void => {
    check();
    cut();
    known = statSync(file);
  };
  return { check, whileCut };
}

/** Two MiB: others have their turn after each. */
const PAGES_TO_CUT = 512;

/** The file is cut when the log is written back to it, so that is not left to a later moment. */
const cutFreePages = (db: DatabaseSync): void =>
  db.exec(`PRAGMA incremental_vacuum(${PAGES_TO_CUT}); PRAGMA wal_checkpoint(TRUNCATE)`);

/** Opens `file` for this process alone. Throws AgentPeerError `storage-locked` when another has it. */
export function openDatabase(file: string, busyMs = 250): Database {
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw storageError(file, error);
    }
  };
  const db = guard(() => connect(file, busyMs));
  const files = createFileCheck(file);
  const prepare = <Row extends object>(sql: string): Statement<Row> => {
    const statement = guard(() => db.prepare(sql));
    return {
      run: (values = {}) => void guard(() => statement.run(values)),
      get: (values = {}) => guard(() => (statement.get(values) as Row | undefined) ?? null),
      all: (values = {}) => guard(() => statement.all(values) as Row[]),
    };
  };
  return {
    file,
    checkFile: files.check,
    prepare,
    exec: (sql) => guard(() => db.exec(sql)),
    transaction: (work) => guard(() => transact(db, work)),
    copyTo: (copy) =>
      copyDatabase(db, copy).catch((error: unknown) => {
        throw storageError(copy, error);
      }),
    shrink: () => files.whileCut(() => guard(() => cutFreePages(db))),
    close: () => db.close(),
  };
}
