import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { tempFolder } from './temp-folder.ts';

/** A peer as a killed proxy left it. */
export interface PeerOnDisk {
  readonly state: string;
  /** Null when no pairing is under way. */
  readonly ownConfirmed: number | null;
  readonly otherConfirmed: number | null;
}

const FILES = ['agent-peer.db', 'agent-peer.db-wal'];
const QUERY = `SELECT state, own_confirmed AS ownConfirmed, other_confirmed AS otherConfirmed
  FROM peers LEFT JOIN pairings ON pairings.peer = peers.name WHERE name = ?`;

/** What is on the disk, and not what a proxy makes of it: read from a copy, so that the next start finds it untouched. */
export function readDisk(dataDir: string, query: string, ...values: readonly string[]): readonly object[] {
  const copy = tempFolder();
  for (const file of FILES)
    if (existsSync(join(dataDir, file))) copyFileSync(join(dataDir, file), join(copy, file));
  const db = new DatabaseSync(join(copy, 'agent-peer.db'));
  try {
    return db.prepare(query).all(...values);
  } finally {
    db.close();
  }
}

export function peerOnDisk(dataDir: string, name: string): PeerOnDisk | null {
  return (readDisk(dataDir, QUERY, name)[0] as PeerOnDisk | undefined) ?? null;
}
