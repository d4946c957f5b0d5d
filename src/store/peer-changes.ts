import type { MessageId, TaskId } from '../core/message.ts';
import type { PeerName } from '../core/peer.ts';
import type { EndedMessages, PeerStore } from '../ports/policy-store.ts';
import type { Database } from './database.ts';
import type { PairingTable } from './pairing-rows.ts';
import { peerExists, type PeerTable } from './peer-table.ts';

/** Changes of a peer that reach into other tables. Each runs in a transaction of its caller's. */
export interface PeerChanges extends Pick<PeerStore, 'rename' | 'revoke'> {
  /** The part of a revoke that takes next to no room: from now on the peer may do nothing. */
  shut(name: PeerName): void;
  /** The other part: what was not handed over never is. */
  endMessages(name: PeerName, now: number): EndedMessages;
}

const NEVER_SENT = 'it was revoked on this side before it was handed over';
const PERHAPS_READ = 'the peer took it, and was revoked on this side before its reply came';
const NEVER_RUN = 'its sender was revoked before it was run';

function statements(db: Database) {
  return {
    renamePeer: db.prepare('UPDATE peers SET name = :to WHERE name = :name'),
    renameIn: ['grants', 'outbox', 'inbox', 'pairings', 'invites'].map((table) =>
      db.prepare(`UPDATE ${table} SET peer = :to WHERE peer = :name`),
    ),
    endQueued: db.prepare<{ id: MessageId }>(
      `UPDATE outbox SET state = 'refused', reason = 'peer-revoked', detail = :detail, updated_at = :now
       WHERE peer = :name AND state IN ('held', 'queued') RETURNING id`,
    ),
    endAccepted: db.prepare<{ id: MessageId }>(
      `UPDATE outbox SET state = 'uncertain', reason = 'peer-revoked', detail = :detail, updated_at = :now
       WHERE peer = :name AND state IN ('accepted', 'reply-held') RETURNING id`,
    ),
    endInbound: db.prepare<{ id: TaskId }>(
      `UPDATE inbox SET state = 'cancelled', detail = :detail, updated_at = :now
       WHERE peer = :name AND state IN ('held', 'accepted', 'reply-held') RETURNING task_id AS id`,
    ),
    removeGrants: db.prepare('DELETE FROM grants WHERE peer = :name'),
    cancelInvites: db.prepare('UPDATE invites SET cancelled = 1 WHERE peer = :name'),
  };
}

/** What was granted goes with the peer: a later pairing under its name must not find it again. */
export function createPeerChanges(
  db: Database,
  table: PeerTable,
  pairings: Pick<PairingTable, 'find' | 'put' | 'remove'>,
): PeerChanges {
  const sql = statements(db);

  const rename = (name: PeerName, to: PeerName): void => {
    table.must(name);
    if (table.find(to) !== null) throw peerExists(to);
    // A value is sealed for the name of its row, and so must be sealed anew.
    const [outbound, untold] = [table.outbound(name), table.untold(name)];
    const pairing = pairings.find(name);
    db.exec('PRAGMA defer_foreign_keys = ON');
    sql.renamePeer.run({ name, to });
    for (const inTable of sql.renameIn) inTable.run({ name, to });
    table.putOutbound(to, outbound);
    table.putUntold(to, untold);
    if (pairing !== null) pairings.put({ ...pairing, peer: to });
  };

  const shut = (name: PeerName): void => {
    table.update({ ...table.must(name), state: 'revoked', overlap: null });
    table.putOutbound(name, null);
    table.putUntold(name, null);
    pairings.remove(name);
    for (const end of [sql.removeGrants, sql.cancelInvites]) end.run({ name });
  };

  const endMessages = (name: PeerName, now: number): EndedMessages => {
    const outbox = [
      ...sql.endQueued.all({ name, now, detail: NEVER_SENT }),
      ...sql.endAccepted.all({ name, now, detail: PERHAPS_READ }),
    ];
    const inbox = sql.endInbound.all({ name, now, detail: NEVER_RUN });
    return { outbox: outbox.map(({ id }) => id), inbox: inbox.map(({ id }) => id) };
  };

  const revoke = (name: PeerName, now: number): EndedMessages => {
    shut(name);
    return endMessages(name, now);
  };

  return { rename, revoke, shut, endMessages };
}
