import { INBOX_STATES, isFinalInboxState } from '../core/inbox.ts';
import { isFinalOutboxState, OUTBOX_STATES } from '../core/outbox.ts';
import type { RetentionStore } from '../ports/retention.ts';
import type { Database } from './database.ts';

interface Row {
  readonly box: 'inbox' | 'outbox';
  readonly seq: number;
}

const listed = (states: readonly string[]) => states.map((state) => `'${state}'`).join(', ');
const INBOX_OVER = `state IN (${listed(INBOX_STATES.filter(isFinalInboxState))})`;
const OUTBOX_OVER = `state IN (${listed(OUTBOX_STATES.filter(isFinalOutboxState))})`;

/** Its sender was not given the reply yet, and has not given up asking for it. */
const AWAITED = `state = 'replied' AND reply IS NOT NULL AND origin = 'peer' AND fetched_at IS NULL AND expires_at > :now`;

/** That there was a reply is kept: who asks again must not be told that the agent said nothing. */
const NOTHING_SAID = `text = '', content = NULL, detail = NULL, reply = iif(reply IS NULL, NULL, '')`;

function statements(db: Database) {
  return {
    old: db.prepare<Row>(
      `SELECT 'inbox' AS box, seq, updated_at AS at FROM inbox
       WHERE erased_at IS NULL AND updated_at <= :before AND ${INBOX_OVER} AND NOT (${AWAITED})
       UNION ALL
       SELECT 'outbox', seq, updated_at FROM outbox
       WHERE erased_at IS NULL AND updated_at <= :before AND ${OUTBOX_OVER}
       ORDER BY at LIMIT :limit`,
    ),
    erase: {
      inbox: db.prepare(`UPDATE inbox SET ${NOTHING_SAID}, note = NULL, erased_at = :now WHERE seq = :seq`),
      outbox: db.prepare(`UPDATE outbox SET ${NOTHING_SAID}, erased_at = :now WHERE seq = :seq`),
    },
    erased: db.prepare<Row>(
      `SELECT 'inbox' AS box, seq FROM inbox WHERE erased_at <= :before
       UNION ALL
       SELECT 'outbox', seq FROM outbox WHERE erased_at <= :before
       LIMIT :limit`,
    ),
    forget: {
      inbox: db.prepare('DELETE FROM inbox WHERE seq = :seq'),
      outbox: db.prepare('DELETE FROM outbox WHERE seq = :seq'),
    },
    pages: db.prepare<{ all: number; free: number; bytes: number }>(
      `SELECT page_count AS "all", freelist_count AS free, page_size AS bytes
       FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
    ),
  };
}

export function createRetentionStore(db: Database): RetentionStore {
  const sql = statements(db);
  return {
    erase: (before, now, limit) =>
      db.transaction(() => {
        const rows = sql.old.all({ before, now, limit });
        for (const { box, seq } of rows) sql.erase[box].run({ seq, now });
        return rows.length;
      }),
    forget: (before, limit) =>
      db.transaction(() => {
        const rows = sql.erased.all({ before, limit });
        for (const { box, seq } of rows) sql.forget[box].run({ seq });
        return rows.length;
      }),
    room: () => {
      const { all, free, bytes } = sql.pages.get() ?? { all: 0, free: 0, bytes: 0 };
      return { used: (all - free) * bytes, free: free * bytes };
    },
    shrink: () => db.shrink(),
  };
}
