import type { Ended, MessageFacts, Unsent, HeldCount } from '../core/notice-facts.ts';
import type { Database } from './database.ts';

const HELD = `state IN ('held', 'reply-held')`;
const ENDED = `state IN ('expired', 'uncertain') AND updated_at > :since`;

/** Counted by the database: the texts of thousands of messages must not be read for it each minute. */
export function createMessageFacts(db: Database): (endedSince: number) => MessageFacts {
  const waiting = db.prepare<HeldCount>(
    `SELECT peer, 'here' AS place, hold AS reason, count(*) AS count
     FROM (SELECT peer, hold FROM inbox WHERE ${HELD} UNION ALL SELECT peer, hold FROM outbox WHERE ${HELD})
     GROUP BY peer, hold
     UNION ALL
     SELECT peer, 'peer', peer_hold, count(*) FROM outbox
     WHERE state = 'accepted' AND peer_hold IS NOT NULL AND peer_hold <> 'reply' GROUP BY peer, peer_hold`,
  );
  // A revoke is the owner's own act, and what it left behind is told by it.
  const ended = db.prepare<Ended>(
    `SELECT peer, state, count(*) AS count
     FROM (SELECT peer, state FROM inbox WHERE ${ENDED} UNION ALL
       SELECT peer, state FROM outbox WHERE ${ENDED} AND erased_at IS NULL AND reason IS NOT 'peer-revoked')
     GROUP BY peer, state`,
  );
  const unsent = db.prepare<Unsent>(
    `SELECT peer, count, (SELECT created_at FROM outbox WHERE seq = oldest) AS since
     FROM (SELECT peer, count(*) AS count, min(seq) AS oldest FROM outbox WHERE state = 'queued' GROUP BY peer)`,
  );
  return (since) => ({ waiting: waiting.all(), ended: ended.all({ since }), unsent: unsent.all() });
}
