import { AgentPeerError } from '../errors.ts';

/** What an owner does when what is in the database cannot be trusted any more. */
export const PUT_BACK = 'Stop the proxy and put back a backup: agent-peer restore (see docs/backup.md)';

/** The primary result codes of SQLite (https://sqlite.org/rescode.html) that tell of the disk and not of a mistake of ours. */
const WHY: Readonly<Record<number, readonly [what: string, fix: string]>> = {
  8: ['cannot be written', 'Let the user that the proxy runs as write to the data volume'],
  10: ['could not be read or written by the disk', 'Look at the disk of the data volume, then start again'],
  11: ['is damaged', PUT_BACK],
  13: [
    'has no room: the disk is full',
    'Free some space on the data volume; nothing that was accepted is lost',
  ],
  14: ['cannot be opened', 'Let the user that the proxy runs as read and write the data volume'],
  26: ['is not a database of agent-peer', `Move it away, or: ${PUT_BACK}`],
};
const LOCKED = new Set([5, 6]);

interface SqliteFailure {
  readonly errcode: number;
}

function isSqliteFailure(error: unknown): error is Error & SqliteFailure {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

export function storageUnavailable(what: string, fix: string, cause?: unknown): AgentPeerError {
  return new AgentPeerError('storage-unavailable', what, fix, { cause });
}

/** Node's word for a connection, or a statement of one, that was closed. */
function isClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE';
}

/** What a person is told for an error of SQLite's; any other error comes back as it is. */
export function storageError(file: string, error: unknown): unknown {
  if (isClosed(error)) return storageUnavailable(`${file} is closed`, 'Start the proxy again', error);
  if (!isSqliteFailure(error)) return error;
  const code = error.errcode & 0xff;
  if (LOCKED.has(code)) {
    const fix = 'Stop the other proxy, or give this one a data volume of its own';
    return new AgentPeerError('storage-locked', `${file} is in use by another proxy`, fix, { cause: error });
  }
  const why = WHY[code];
  return why === undefined ? error : storageUnavailable(`${file} ${why[0]}`, why[1], error);
}

/** The same for an error of the file system's: `ENOENT`, `EACCES` and their like. */
export function fileError(file: string, doing: string, error: unknown): AgentPeerError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  const fix =
    'Check that the data volume is mounted and that the user the proxy runs as may read and write it';
  return storageUnavailable(`${file} cannot be ${doing} (${code})`, fix, error);
}

const FULL = 13;

/** Whether the disk had no room for it. */
export function isFull(error: unknown): boolean {
  if (error instanceof AgentPeerError) return isFull(error.cause);
  return isSqliteFailure(error) && (error.errcode & 0xff) === FULL;
}

/** A statement that makes no sense in this database, a file that is damaged, one that is no database. */
const DAMAGE = new Set([1, 11, 26]);

/** Whether it is what is in the file that is wrong, and not the disk or the folder around it. */
export function isDamage(error: unknown): boolean {
  if (error instanceof AgentPeerError) {
    // Without a cause it was found by looking, not by SQLite.
    const { cause, code } = error;
    return code === 'storage-unavailable' && (cause === undefined || isDamage(cause));
  }
  return isSqliteFailure(error) && DAMAGE.has(error.errcode & 0xff);
}
