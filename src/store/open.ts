import { accessSync, chmodSync, closeSync, constants, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { POLICY_LIMITS, type PolicyLimits } from '../core/policy.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { CredentialStore } from '../ports/credentials.ts';
import type { Clock } from '../ports/machine.ts';
import type { InboxStore, OutboxStore } from '../ports/messages.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import { createClockMark, type ClockMark } from './clock-mark.ts';
import { createCredentialStore } from './credentials.ts';
import { openDatabase, type Database } from './database.ts';
import { createInboxStore } from './inbox.ts';
import { loadKeyFile, syncFolder } from './key-file.ts';
import { migrate, SCHEMA } from './migrations.ts';
import { createOutboxStore } from './outbox.ts';
import { createPeerStore } from './peers.ts';
import { createSealer, purposeOf, type Sealer } from './sealed.ts';
import { fileError, storageUnavailable } from './storage-errors.ts';

export interface Store {
  readonly peers: PeerStore;
  readonly outbox: OutboxStore;
  readonly inbox: InboxStore;
  readonly credentials: CredentialStore;
  close(): void;
}

export interface StoreOptions {
  /** An existing folder, ours alone; the database is `agent-peer.db` in it. */
  readonly dataDir: string;
  /** The file of 32 random bytes that seals secrets; made at the first start. */
  readonly keyFile: string;
  /** What peers may send; the built-in ones when absent. */
  readonly limits?: PolicyLimits;
  readonly clock: Clock;
  readonly log: Log;
}

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
function prepareFile(dataDir: string, file: string): void {
  try {
    checkFolder(dataDir);
    makeIfAbsent(dataDir, file);
    chmodSync(file, 0o600);
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? fileError(file, 'made or written', error) : error;
  }
}

function checkPages(db: Database): void {
  const found =
    db.prepare<{ quick_check: string }>('PRAGMA quick_check(1)').get()?.quick_check ?? 'no answer';
  if (found === 'ok') return;
  const fix = 'Stop the proxy and put back a backup of the data volume';
  throw storageUnavailable(`${db.file} is damaged (${found.replace(/\s+/g, ' ')})`, fix);
}

interface SealedRow {
  readonly kind: 'peerToken' | 'credential';
  readonly name: string;
  readonly sealed: Uint8Array;
}

function sealedRows(db: Database): readonly SealedRow[] {
  return db
    .prepare<SealedRow>(
      `SELECT 'peerToken' AS kind, name, outbound_token AS sealed FROM peers WHERE outbound_token IS NOT NULL
       UNION ALL SELECT 'credential' AS kind, name, sealed FROM credentials`,
    )
    .all();
}

/** A wrong key is told at the start, and not hours later by the first message to a peer. */
function openSealer(db: Database, keyFile: string): Sealer {
  const rows = sealedRows(db);
  const sealer = createSealer(loadKeyFile(keyFile, rows.length > 0), keyFile);
  for (const { kind, name, sealed } of rows) sealer.open(purposeOf[kind](name), sealed);
  return sealer;
}

/** A disk that takes nothing any more must not keep the store from being closed. */
function endMark(mark: ClockMark, log: Log): void {
  try {
    mark.close();
  } catch (error) {
    log.warn('clock-mark-not-written', { error: messageOf(error) });
  }
}

/**
 * Opens the one database of this stack for this process alone. Throws AgentPeerError `storage-locked` when another
 * proxy has it, and `storage-unavailable` when the folder, the file, the schema or the key file cannot be used.
 */
export function openStore({ dataDir, keyFile, limits = POLICY_LIMITS, clock, log }: StoreOptions): Store {
  const file = join(dataDir, 'agent-peer.db');
  prepareFile(dataDir, file);
  const db = openDatabase(file);
  try {
    checkPages(db);
    migrate(db);
    const sealer = openSealer(db, keyFile);
    const mark = createClockMark(db, clock);
    const store = {
      peers: createPeerStore(db, sealer, { clock, mark, limits }),
      outbox: createOutboxStore(db),
      inbox: createInboxStore(db),
      credentials: createCredentialStore(db, sealer),
      close: () => {
        endMark(mark, log);
        db.close();
      },
    };
    log.info('store-opened', { file, schema: SCHEMA });
    return store;
  } catch (error) {
    db.close();
    throw error;
  }
}
