import { TELLING_LIMITS, type NewNotice } from '../core/notice.ts';
import type { Notice, NoticeStore } from '../ports/notices.ts';
import type { Database } from './database.ts';
import { createMessageFacts } from './message-facts.ts';

const COLUMNS = `seq, kind, subject, peer, text, created_at AS createdAt, told_at AS toldAt, attempts, over_at AS overAt`;
const OPEN = 'over_at IS NULL';
/** Of those that are over, as many as anybody will look back to. */
const KEPT = 200;

function statements(db: Database) {
  return {
    insert: db.prepare(
      `INSERT INTO notices (kind, subject, peer, text, created_at, next_attempt_at)
       VALUES (:kind, :subject, :peer, :text, :now, :nextAttemptAt)`,
    ),
    find: db.prepare<Notice>(
      `SELECT ${COLUMNS} FROM notices WHERE kind = :kind AND subject = :subject AND ${OPEN}`,
    ),
    saysNow: db.prepare('UPDATE notices SET text = :text WHERE seq = :seq AND text <> :text'),
    lastTold: db.prepare<{ at: number | null }>(
      'SELECT max(told_at) AS at FROM notices WHERE kind = :kind AND subject = :subject',
    ),
    over: db.prepare(
      `UPDATE notices SET over_at = :now WHERE kind = :kind AND subject = :subject AND ${OPEN}`,
    ),
    prune: db.prepare(
      `DELETE FROM notices WHERE NOT ${OPEN} AND seq <= (SELECT max(seq) FROM notices) - ${KEPT}`,
    ),
    open: db.prepare<Notice>(`SELECT ${COLUMNS} FROM notices WHERE ${OPEN} ORDER BY seq`),
    list: db.prepare<Notice>(`SELECT ${COLUMNS} FROM notices ORDER BY seq DESC LIMIT :limit`),
    toTell: db.prepare<Notice>(
      `SELECT ${COLUMNS} FROM notices WHERE ${OPEN} AND told_at IS NULL AND next_attempt_at <= :now ORDER BY seq`,
    ),
    told: db.prepare('UPDATE notices SET told_at = :now, next_attempt_at = NULL WHERE seq = :seq'),
    notTold: db.prepare(
      'UPDATE notices SET attempts = attempts + 1, next_attempt_at = :nextAttemptAt WHERE seq = :seq',
    ),
    toSession: db.prepare<Notice>(
      `SELECT ${COLUMNS} FROM notices WHERE ${OPEN} AND session_at IS NULL ORDER BY seq`,
    ),
    intoSession: db.prepare('UPDATE notices SET session_at = :at WHERE seq = :seq'),
    lastIntoSession: db.prepare<{ at: number | null }>('SELECT max(session_at) AS at FROM notices'),
  };
}

type Statements = ReturnType<typeof statements>;

/** Not at once when the same was told only just; a clock that was ahead then keeps nothing back for longer. */
function firstAttemptAt(sql: Statements, { kind, subject }: NewNotice, now: number): number {
  const lastTold = sql.lastTold.get({ kind, subject })?.at ?? null;
  if (lastTold === null) return now;
  return Math.max(now, Math.min(lastTold, now) + TELLING_LIMITS.againMs);
}

function raiseWith(sql: Statements, notice: NewNotice, now: number): Notice | null {
  const { kind, subject, peer, text } = notice;
  const open = sql.find.get({ kind, subject });
  if (open !== null) {
    sql.saysNow.run({ seq: open.seq, text });
    return null;
  }
  sql.insert.run({ kind, subject, peer, text, now, nextAttemptAt: firstAttemptAt(sql, notice, now) });
  sql.prune.run();
  return sql.find.get({ kind, subject });
}

export function createNoticeStore(db: Database): NoticeStore {
  const sql = statements(db);
  const plain = (rows: readonly Notice[]) => rows.map((row) => ({ ...row }));
  return {
    open: () => plain(sql.open.all()),
    list: (limit) => plain(sql.list.all({ limit })),
    raise: (notice, now) => db.transaction(() => raiseWith(sql, notice, now)),
    over: (kind, subject, now) => sql.over.run({ kind, subject, now }),
    toTell: (now) => plain(sql.toTell.all({ now })),
    told: (seq, now) => sql.told.run({ seq, now }),
    notTold: (seq, nextAttemptAt) => sql.notTold.run({ seq, nextAttemptAt }),
    toSession: () => plain(sql.toSession.all()),
    putIntoSession: (notices, at) =>
      db.transaction(() => {
        for (const { seq } of notices) sql.intoSession.run({ seq, at });
      }),
    lastIntoSession: () => sql.lastIntoSession.get()?.at ?? null,
    messages: createMessageFacts(db),
  };
}
