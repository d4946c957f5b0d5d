import type { Grant } from '../core/grant.ts';
import type { PeerName } from '../core/peer.ts';
import type { Clock } from '../ports.ts';
import type { Database } from './database.ts';

export interface GrantTable {
  put(grant: Grant): void;
  list(peer?: PeerName): readonly Grant[];
}

export function createGrantTable(db: Database, clock: Clock): GrantTable {
  const upsert = db.prepare(
    `INSERT INTO grants (peer, alias, session_key, created_at) VALUES (:peer, :alias, :sessionKey, :now)
     ON CONFLICT (peer, alias) DO UPDATE SET session_key = :sessionKey, created_at = :now`,
  );
  const select = db.prepare<Grant>(
    `SELECT peer, alias, session_key AS sessionKey FROM grants
     WHERE :peer IS NULL OR peer = :peer ORDER BY peer, alias`,
  );
  return {
    put: ({ peer, alias, sessionKey }) => upsert.run({ peer, alias, sessionKey, now: clock.now() }),
    list: (peer) => select.all({ peer: peer ?? null }).map((row) => ({ ...row })),
  };
}
