import { INBOX_STATES, isFinalInboxState } from '../core/inbox.ts';
import { isFinalOutboxState, OUTBOX_STATES } from '../core/outbox.ts';
import type { RetentionStore } from '../ports/retention.ts';
import type { Database, Values } from './database.ts';

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

function insertAll(db: Database, box: Row['box']) {
  const columns = db.prepare<{ name: string }>(`SELECT name FROM pragma_table_info('${box}')`).all();
  const names = columns.map(({ name }) => name);
  return db.prepare(
    `INSERT INTO ${box} (${names.join(', ')}) VALUES (${names.map((name) => `:${name}`).join(', ')})`,
  );
}

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
    whole: {
      inbox: db.prepare<Values>('SELECT * FROM inbox WHERE seq = :seq'),
      outbox: db.prepare<Values>('SELECT * FROM outbox WHERE seq = :seq'),
    },
    again: { inbox: insertAll(db, 'inbox'), outbox: insertAll(db, 'outbox') },
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

/** SQLite gives the room in a page back when a row is deleted, and not when it becomes shorter: so it is written anew. */
function eraseRow(sql: ReturnType<typeof statements>, { box, seq }: Row, now: number): void {
  sql.erase[box].run({ seq, now });
  const erased = sql.whole[box].get({ seq });
  sql.forget[box].run({ seq });
  if (erased !== null) sql.again[box].run({ ...erased });
}

export function createRetentionStore(db: Database): RetentionStore {
  const sql = statements(db);
  return {
    erase: (before, now, limit) =>
      db.transaction(() => {
        const rows = sql.old.all({ before, now, limit });
        for (const row of rows) eraseRow(sql, row, now);
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
