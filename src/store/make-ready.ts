import type { Peer, PeerName } from '../core/peer.ts';
import { buildPolicy, POLICY_LIMITS } from '../core/policy.ts';
import { comeBack, type Restore } from '../core/restore.ts';
import type { Clock } from '../ports/machine.ts';
import { carryMessages } from './carry-over.ts';
import type { Database } from './database.ts';
import { createGrantTable } from './grants.ts';
import { createPairingTable } from './pairing-rows.ts';
import { createPeerChanges } from './peer-changes.ts';
import { createPeerTable, type PeerTable } from './peer-table.ts';
import { unreadable } from './policy-rows.ts';
import type { Present } from './present.ts';
import { createRestoreTable } from './restores.ts';
import { sealAnew } from './sealed-rows.ts';
import type { Sealer } from './sealed.ts';
import { createStackRow } from './stack-row.ts';

/** What a restore made of what was in the backup. */
export interface Restored {
  /** Those that may do nothing until the owner confirms them. */
  readonly paused: readonly PeerName[];
  readonly revoked: readonly PeerName[];
  /** Messages that were open. */
  readonly uncertain: { readonly outbox: number; readonly inbox: number };
}

export interface Readying {
  readonly db: Database;
  /** Of the backup. */
  readonly from: Sealer;
  /** Of this data volume. */
  readonly to: Sealer;
  /** What it is to take the place of. */
  readonly present: Present;
  readonly restore: Restore;
  readonly clock: Clock;
}

const DETAIL = 'the stack was restored from a backup before it was known what became of it';

function endOpen(db: Database, table: 'outbox' | 'inbox', open: string, now: number): number {
  const update = db.prepare(
    `UPDATE ${table} SET state = 'uncertain', detail = :detail, updated_at = :now WHERE state IN (${open}) RETURNING 1`,
  );
  return update.all({ detail: DETAIL, now }).length;
}

function pauseOrRevoke(
  { db, to, present, restore }: Readying,
  table: PeerTable,
): Pick<Restored, 'paused' | 'revoked'> {
  const { revoke } = createPeerChanges(db, table, createPairingTable(db, to));
  const isBack = (peer: Peer): boolean => {
    const back = comeBack(peer, present.peers);
    if (back === null) revoke(peer.name, restore.restoredAt);
    else table.update({ ...peer, ...back, state: 'paused' });
    return back !== null;
  };
  const peers = table.list().map((peer) => ({ name: peer.name, isBack: isBack(peer) }));
  const named = (wanted: boolean) => peers.filter((peer) => peer.isBack === wanted).map(({ name }) => name);
  return { paused: named(true), revoked: named(false) };
}

function checkPolicy(db: Database, table: PeerTable, clock: Clock): void {
  const parts = { peers: table.list(), grants: createGrantTable(db, clock).list(), limits: POLICY_LIMITS };
  const policy = buildPolicy({ ...parts, isPaused: createStackRow(db).isPaused(), asOf: 0 });
  if (!policy.ok) throw unreadable(policy.problem.what);
}

/**
 * Makes of the database of a backup, which has this program's schema already, one that the proxy may be started with:
 * nobody may do anything, nothing is under way, and what the present database knows better is not forgotten.
 */
export function makeReady(readying: Readying): Restored {
  const { db, from, to, present, restore, clock } = readying;
  return db.transaction(() => {
    db.exec('DELETE FROM pairings; DELETE FROM invites');
    sealAnew(db, from, to);
    const table = createPeerTable(db, to, clock);
    if (present.kind === 'whole' && present.db !== null)
      carryMessages({ db: present.db, peers: present.peers }, { db, peers: table.list() });
    const now = restore.restoredAt;
    const outbox = endOpen(db, 'outbox', `'held', 'queued', 'accepted', 'reply-held'`, now);
    const inbox = endOpen(db, 'inbox', `'held', 'accepted', 'running', 'reply-held'`, now);
    const peers = pauseOrRevoke(readying, table);
    db.prepare('UPDATE clock SET latest = max(latest, :latest)').run({ latest: present.latest });
    createRestoreTable(db).add(restore);
    checkPolicy(db, table, clock);
    return { ...peers, uncertain: { outbox, inbox } };
  });
}
