import { CLOCK_TOLERANCE_MS } from '../core/decide.ts';
import { DAY_MS, HOUR_MS, RECENT_MS, TOLD_MS, type Before, type Load } from '../core/guard.ts';
import type { GuardCounts } from '../ports/guard.ts';
import type { Database } from './database.ts';

const BEGUN_STATES = `'running', 'reply-held', 'replied', 'failed', 'uncertain'`;
/** What an agent here has read, or reads now. */
const BEGUN = `state IN (${BEGUN_STATES})`;
/** And what it is about to. What a person refused, or nobody ever ran, cost nobody a turn. */
const TOOK_A_TURN = `state IN ('accepted', ${BEGUN_STATES})`;
/** What an agent there has read, as far as is known here. */
const GAVE_A_TURN = `state IN ('accepted', 'reply-held', 'answered', 'failed', 'uncertain')
  AND (peer_hold IS NULL OR peer_hold = 'reply')`;

/** A message that a person let go on begins a chain. */
const HOP = 'CASE WHEN released = 1 THEN 0 ELSE hop END';

const BYTES = 'octet_length(text) + coalesce(octet_length(content), 0) + coalesce(octet_length(reply), 0)';

/** With the replies, and what stands beside the text, which travel as well. A clock that went back a little has rows from later than now, which count. */
const LAST_DAY = `
  SELECT created_at AS at, ${BYTES} AS bytes FROM inbox
  WHERE created_at > :since AND created_at <= :until AND peer = :peer AND ${TOOK_A_TURN}
  UNION ALL
  SELECT created_at, ${BYTES} FROM outbox
  WHERE peer = :peer AND created_at > :since AND created_at <= :until AND ${GAVE_A_TURN}`;

/** The highest hop of what was read lately, by the sessions that a condition is true of. */
const hopOfRecent = (of: string, later: string) => `SELECT max(hop) AS hop FROM (
  SELECT ${HOP} AS hop FROM inbox AS read WHERE state = 'running' AND ${of}
  UNION ALL
  SELECT ${HOP} FROM inbox AS read WHERE updated_at > :since AND ${BEGUN} AND ${of} AND NOT EXISTS (
    SELECT 1 FROM inbox AS later WHERE later.conversation = read.conversation AND later.peer = read.peer
      AND later.seq > read.seq AND later.${BEGUN} AND ${later}))`;

function statements(db: Database) {
  return {
    recent: db.prepare<Pick<Load, 'lastHour' | 'lastDay' | 'bytesLastDay'>>(
      `SELECT count(*) AS lastDay, count(*) FILTER (WHERE at > :hourAgo) AS lastHour,
         coalesce(sum(bytes), 0) AS bytesLastDay FROM (${LAST_DAY})`,
    ),
    // A peer of mode send-back has one conversation for ever: it would be spent once and for all.
    ofConversation: db.prepare<{ count: number }>(
      `SELECT CASE WHEN EXISTS (SELECT 1 FROM peers WHERE name = :peer AND reply_mode = 'send-back') THEN 0 ELSE (SELECT count(*) FROM inbox WHERE conversation = :conversation AND peer = :peer AND ${TOOK_A_TURN})
         + (SELECT count(*) FROM outbox WHERE conversation = :conversation AND peer = :peer AND ${GAVE_A_TURN}) END AS count`,
    ),
    hopOfConversation: db.prepare<{ hop: number | null }>(
      `SELECT ${HOP} AS hop FROM inbox WHERE conversation = :conversation AND peer = :peer AND ${TOOK_A_TURN}
       ORDER BY seq DESC LIMIT 1`,
    ),
    hopOfTold: db.prepare<{ hop: number }>(
      `SELECT ${HOP} AS hop FROM outbox
       WHERE erased_at IS NULL AND updated_at > :since AND peer = :peer AND ${GAVE_A_TURN}
       ORDER BY seq DESC LIMIT 1`,
    ),
    hopOfRecent: db.prepare<{ hop: number | null }>(hopOfRecent('TRUE', 'TRUE')),
    hopOfReader: db.prepare<{ hop: number | null }>(
      hopOfRecent('read.session_key = :reader', 'later.session_key = :reader'),
    ),
  };
}

const UNKNOWN: Omit<Load, 'hop'> = {
  lastHour: Infinity,
  lastDay: Infinity,
  ofConversation: Infinity,
  bytesLastDay: Infinity,
};

export function createGuardCounts(db: Database): GuardCounts {
  const sql = statements(db);
  return {
    load: (peer, conversation, now) => {
      const window = { since: now - DAY_MS, hourAgo: now - HOUR_MS, until: now + CLOCK_TOLERANCE_MS };
      const recent = sql.recent.get({ peer, ...window });
      const begun = conversation === null ? { count: 0 } : sql.ofConversation.get({ peer, conversation });
      // A count that is not there is no reason to let more in.
      return recent === null || begun === null ? UNKNOWN : { ...recent, ofConversation: begun.count };
    },
    before: (peer, conversation, reader, now): Before => {
      const since = now - RECENT_MS;
      const recent =
        reader === null ? sql.hopOfRecent.get({ since }) : sql.hopOfReader.get({ since, reader });
      return {
        ofConversation:
          conversation === null ? null : (sql.hopOfConversation.get({ peer, conversation })?.hop ?? null),
        ofRecent: recent?.hop ?? null,
      };
    },
    told: (peer, now) => sql.hopOfTold.get({ peer, since: now - TOLD_MS })?.hop ?? null,
  };
}
