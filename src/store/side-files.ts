import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Names beside the database. */
export const SIDE_FILES = {
  /** A copy that is being read by whoever makes a backup. */
  snapshot: 'agent-peer.db.snapshot',
  /** A database that is being made ready to take the place of the present one. */
  restoring: 'agent-peer.db.restoring',
  /** The one that a restore replaced. */
  before: 'agent-peer.db.before-restore',
  /** Space that a full disk is given back for what an owner decides. */
  reserve: 'agent-peer.db.reserve',
} as const;

/** What a process that was killed left. Only for who has the database: another may still be at work otherwise. */
export function removeLeftovers(dataDir: string): void {
  const unfinished = [SIDE_FILES.snapshot, SIDE_FILES.restoring];
  for (const name of readdirSync(dataDir)) {
    if (unfinished.some((start) => name.startsWith(start))) rmSync(join(dataDir, name), { force: true });
  }
}
