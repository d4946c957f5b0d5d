import type { PresentPeer } from '../core/restore.ts';
import { openDatabase, type Database } from './database.ts';
import { checkPages } from './file-checks.ts';
import { SCHEMA } from './migrations.ts';
import { isDamage } from './storage-errors.ts';

/** The database that a restore is to replace, and what it knows. */
export interface Present {
  /** Null where it cannot even be opened, and then cannot be locked. */
  readonly db: Database | null;
  /**
   * `empty`: nothing was ever in it. `newer`: its messages are for a later version of this program to understand. `damaged`:
   * what is told of it may not be all.
   */
  readonly kind: 'empty' | 'whole' | 'newer' | 'damaged';
  readonly peers: readonly PresentPeer[];
  /** The latest instant that it has seen. */
  readonly latest: number;
}

interface PeerRow {
  readonly name: string;
  readonly node_id: string;
  readonly login: string;
  readonly state: string;
  readonly token_digest: string;
  readonly expires_at?: number | null;
  readonly overlap_digest?: string | null;
  readonly overlap_until?: number | null;
}

/** Of any schema: a restore is also the way back from a newer version. */
function readPeer(row: PeerRow): PresentPeer {
  const isComing = row.overlap_digest != null && row.overlap_until == null;
  return {
    name: row.name,
    nodeId: row.node_id,
    login: row.login,
    isRevoked: row.state === 'revoked',
    expiresAt: row.expires_at ?? null,
    digests: isComing ? [row.token_digest, row.overlap_digest] : [row.token_digest],
  };
}

const readPeers = (db: Database) => db.prepare<PeerRow>('SELECT * FROM peers').all().map(readPeer);

function readLatest(db: Database): number {
  const [row] = db.prepare<{ latest: number }>('SELECT latest FROM clock').all();
  return row?.latest ?? 0;
}

/** What can be had of it; nothing where it cannot be read. */
function salvage<T>(work: () => T, nothing: T): T {
  try {
    return work();
  } catch (error) {
    if (isDamage(error)) return nothing;
    throw error;
  }
}

function read(db: Database): Present {
  const schema = db.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0;
  if (schema === 0) return { kind: 'empty', db, peers: [], latest: 0 };
  checkPages(db);
  // The first schema had no clock.
  const latest = schema === 1 ? 0 : readLatest(db);
  return { kind: schema > SCHEMA ? 'newer' : 'whole', db, peers: readPeers(db), latest };
}

/**
 * Opens it for this process alone. Throws AgentPeerError `storage-locked` when a proxy has it, and what else keeps it from
 * being opened, damage apart.
 */
export function openPresent(file: string): Present {
  let db: Database | null = null;
  try {
    db = openDatabase(file);
    return read(db);
  } catch (error) {
    if (!isDamage(error)) {
      db?.close();
      throw error;
    }
    const opened = db;
    if (opened === null) return { kind: 'damaged', db, peers: [], latest: 0 };
    const [peers, latest] = [salvage(() => readPeers(opened), []), salvage(() => readLatest(opened), 0)];
    return { kind: 'damaged', db, peers, latest };
  }
}
