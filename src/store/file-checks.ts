import { accessSync, chmodSync, closeSync, constants, openSync, statSync } from 'node:fs';
import type { Database } from './database.ts';
import { syncFolder } from './key-file.ts';
import { fileError, PUT_BACK, storageUnavailable } from './storage-errors.ts';

function checkFolder(dataDir: string): void {
  const stat = statSync(dataDir, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) {
    throw storageUnavailable(`data folder ${dataDir} does not exist`, 'Mount the data volume there');
  }
  accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
}

/** `wx` fails on an existing file without opening it: closing it again would drop a lock that this process has on it. */
function makeIfAbsent(dataDir: string, file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
    syncFolder(dataDir);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/** Makes the file before SQLite would, with a mode of our own: the WAL takes its mode from it. */
export function prepareFile(dataDir: string, file: string): void {
  try {
    checkFolder(dataDir);
    makeIfAbsent(dataDir, file);
    chmodSync(file, 0o600);
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? fileError(file, 'made or written', error) : error;
  }
}

/** Throws AgentPeerError `storage-unavailable` when SQLite finds the file damaged. */
export function checkPages(db: Database): void {
  const found =
    db.prepare<{ quick_check: string }>('PRAGMA quick_check(1)').get()?.quick_check ?? 'no answer';
  if (found === 'ok') return;
  throw storageUnavailable(`${db.file} is damaged (${found.replace(/\s+/g, ' ')})`, PUT_BACK);
}
