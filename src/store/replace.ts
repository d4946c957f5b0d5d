import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { CLOCK_TOLERANCE_MS } from '../core/decide.ts';
import { AgentPeerError } from '../errors.ts';
import type { Clock } from '../ports/machine.ts';
import { prepareFile } from './file-checks.ts';
import { loadKeyFile, syncFolder } from './key-file.ts';
import { makeReady, type Restored } from './make-ready.ts';
import { openBackup } from './open-backup.ts';
import { openPresent, type Present } from './present.ts';
import { createSealer } from './sealed.ts';
import { removeLeftovers, SIDE_FILES } from './side-files.ts';
import { fileError } from './storage-errors.ts';
import { checkAlone, leaveWal, swap, sync } from './swap.ts';

export interface FromBackup {
  /** The key that its secrets are sealed with. */
  readonly key: Uint8Array;
  readonly takenAt: number;
}

export interface Replaced extends Restored {
  /** The file of the database that was there; null when there was nothing in it. */
  readonly former: string | null;
  /** False: what is in it could not be read, and so counts for nothing. */
  readonly formerWasRead: boolean;
}

export interface Replacement {
  /** For the database of the backup: empty, and this process's alone. */
  readonly file: string;
  /** All of it, or nothing. Throws AgentPeerError `backup-unreadable`, `clock-behind`, `storage-unavailable`. */
  finish(backup: FromBackup): Replaced;
  /** Removes what was not finished, and lets the proxy be started again. */
  close(): void;
}

/** With a clock that is behind the backup it would not be known later what has happened since. */
function instants(present: Present, takenAt: number, clock: Clock) {
  const now = clock.now();
  if (now < takenAt - CLOCK_TOLERANCE_MS) {
    const what = `this machine's clock says ${new Date(now).toISOString()}, which is before the backup was taken`;
    throw new AgentPeerError('clock-behind', what, 'Set the clock, then restore again');
  }
  return { takenAt, restoredAt: Math.max(now, takenAt, present.latest) };
}

interface Places {
  readonly dataDir: string;
  readonly keyFile: string;
  readonly file: string;
  readonly fresh: string;
}

function makeFresh({ keyFile, fresh }: Places, present: Present, clock: Clock, backup: FromBackup): Restored {
  const restore = instants(present, backup.takenAt, clock);
  const db = openBackup(fresh);
  try {
    const from = createSealer(Buffer.from(backup.key), 'of the backup');
    const to = createSealer(loadKeyFile(keyFile, false), keyFile);
    return makeReady({ db, from, to, present, restore, clock });
  } finally {
    db.close();
  }
}

/** A whole one loses its log to its file before anything is renamed. Of a damaged one the log may not be readable. */
function standStill({ file }: Places, { kind, db }: Present): void {
  if (kind === 'damaged' || db === null) return;
  leaveWal(db);
  checkAlone(file);
}

function finish(places: Places, present: Present, clock: Clock, backup: FromBackup): Replaced {
  const { dataDir, file, fresh } = places;
  const restored = makeFresh(places, present, clock, backup);
  checkAlone(fresh);
  sync(fresh);
  standStill(places, present);
  const former = present.kind === 'empty' ? null : join(dataDir, SIDE_FILES.before);
  swap(file, fresh, former);
  syncFolder(dataDir);
  return { ...restored, former, formerWasRead: present.kind !== 'damaged' };
}

/**
 * Begins to put another database in the place of the present one, which from now on no proxy can open. Throws
 * AgentPeerError `storage-locked` when one has it.
 */
export function beginReplacement(
  { dataDir, keyFile }: { readonly dataDir: string; readonly keyFile: string },
  clock: Clock,
): Replacement {
  const file = join(dataDir, 'agent-peer.db');
  const fresh = join(dataDir, SIDE_FILES.restoring);
  prepareFile(dataDir, file);
  const present = openPresent(file);
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof Error && 'syscall' in error ? fileError(file, 'replaced', error) : error;
    }
  };
  guard(() => {
    removeLeftovers(dataDir);
    closeSync(openSync(fresh, 'wx', 0o600));
  });
  return {
    file: fresh,
    finish: (backup) => guard(() => finish({ dataDir, keyFile, file, fresh }, present, clock, backup)),
    close: () => {
      present.db?.close();
      removeLeftovers(dataDir);
    },
  };
}
