import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileError, storageUnavailable } from './storage-errors.ts';

export const KEY_BYTES = 32;

/** Makes what is in the file last a power cut. */
export function syncFile(file: string): void {
  const descriptor = openSync(file, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The same for the folder's entries. */
export const syncFolder = (folder: string): void => syncFile(folder);

/** Written whole under another name first: a start that is killed half way leaves no short key behind. */
function makeKeyFile(keyFile: string): Buffer {
  const key = randomBytes(KEY_BYTES);
  const draft = `${keyFile}.${randomBytes(6).toString('hex')}.new`;
  try {
    const descriptor = openSync(draft, 'wx', 0o600);
    try {
      writeSync(descriptor, key);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, keyFile);
    syncFolder(dirname(keyFile));
  } catch (error) {
    throw fileError(keyFile, 'made', error);
  }
  return key;
}

function checkedMode(keyFile: string): 'missing' | 'present' {
  const stat = statSync(keyFile, { throwIfNoEntry: false });
  if (stat === undefined) return 'missing';
  if (!stat.isFile())
    throw storageUnavailable(`key file ${keyFile} is not a file`, 'Name a file of 32 random bytes');
  if ((stat.mode & 0o077) !== 0) {
    const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
    throw storageUnavailable(
      `key file ${keyFile} can be read by others (mode ${mode})`,
      `chmod 600 ${keyFile}`,
    );
  }
  return 'present';
}

function readKey(keyFile: string): Buffer {
  const key = readFileSync(keyFile);
  if (key.length !== KEY_BYTES) {
    const what = `key file ${keyFile} has ${key.length} bytes and not ${KEY_BYTES}`;
    throw storageUnavailable(what, 'Put back the key file that belongs to this data volume');
  }
  return key;
}

/**
 * The 32 bytes that seal secrets at rest, from a file of mode 0600; made now when there is none.
 * @param needed the database holds something that only the old key opens, so a new key would be worth nothing.
 */
export function loadKeyFile(keyFile: string, needed: boolean): Buffer {
  try {
    if (checkedMode(keyFile) === 'present') return readKey(keyFile);
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? fileError(keyFile, 'read', error) : error;
  }
  if (!needed) return makeKeyFile(keyFile);
  const what = `key file ${keyFile} is missing, and the database holds secrets sealed with it`;
  throw storageUnavailable(what, 'Put back the key file that belongs to this data volume');
}
