import type { Grant } from '../core/grant.ts';
import type { PeerName } from '../core/peer.ts';
import type { Clock } from '../ports/machine.ts';
import type { Database } from './database.ts';
import { readGrant, type GrantRow } from './policy-rows.ts';

export interface GrantTable {
  put(grant: Grant): void;
  /** False when there was none. */
  remove(direction: Grant['direction'], peer: PeerName, alias: Grant['alias']): boolean;
  /** All of one peer's. */
  clear(peer: PeerName): void;
  /** Throws AgentPeerError `storage-unavailable` when a row makes no sense. */
  list(peer?: PeerName): readonly Grant[];
}

function columnsOf(grant: Grant) {
  if (grant.direction === 'outbound') {
    const { replySession } = grant;
    return { sessionKey: null, operations: null, sendsPerMinute: null, replySession };
  }
  const { sessionKey, operations, sendsPerMinute } = grant;
  return { sessionKey, operations: operations.join(' '), sendsPerMinute, replySession: null };
}

export function createGrantTable(db: Database, clock: Clock): GrantTable {
  const upsert = db.prepare(
    `INSERT INTO grants (direction, peer, alias, session_key, operations, sends_per_minute, hold, reply_session, expires_at,
       created_at)
     VALUES (:direction, :peer, :alias, :sessionKey, :operations, :sendsPerMinute, :hold, :replySession, :expiresAt, :now)
     ON CONFLICT (direction, peer, alias) DO UPDATE SET session_key = :sessionKey, operations = :operations,
       sends_per_minute = :sendsPerMinute, hold = :hold, reply_session = :replySession, expires_at = :expiresAt, created_at = :now`,
  );
  const remove = db.prepare<{ alias: string }>(
    'DELETE FROM grants WHERE direction = :direction AND peer = :peer AND alias = :alias RETURNING alias',
  );
  const clear = db.prepare('DELETE FROM grants WHERE peer = :peer');
  const select = db.prepare<GrantRow>(
    `SELECT direction, peer, alias, session_key AS sessionKey, operations, sends_per_minute AS sendsPerMinute, hold,
       reply_session AS replySession, expires_at AS expiresAt
     FROM grants WHERE :peer IS NULL OR peer = :peer ORDER BY direction, peer, alias`,
  );
  return {
    put: (grant) => {
      const { direction, peer, alias, hold, expiresAt } = grant;
      upsert.run({ direction, peer, alias, hold, expiresAt, ...columnsOf(grant), now: clock.now() });
    },
    remove: (direction, peer, alias) => remove.get({ direction, peer, alias }) !== null,
    clear: (peer) => clear.run({ peer }),
    list: (peer) => select.all({ peer: peer ?? null }).map(readGrant),
  };
}
