import type { Usage } from '../core/facts.ts';
import type { InboxState } from '../core/inbox.ts';
import type { PeerName } from '../core/peer.ts';
import type { InboxMessage } from '../ports/messages.ts';
import { readContent } from './content-column.ts';
import type { Database } from './database.ts';

export const INBOX_COLUMNS = `task_id AS taskId, origin, peer, message_id AS messageId, content_digest AS contentDigest, alias,
  session_key AS sessionKey, conversation, text, content, hop, created_at AS createdAt, updated_at AS updatedAt,
  expires_at AS expiresAt, state, hold, hold_until AS holdUntil, released, turn_key AS turnKey, reply, detail, note,
  erased_at AS erasedAt`;

/** A row of the inbox as SQLite gives it. */
export type InboxRow = Omit<InboxMessage, 'content' | 'isReleased'> & {
  readonly content: string | null;
  readonly released: number;
};

const OPEN = `state IN ('accepted', 'running')`;
const HELD = `state IN ('held', 'reply-held')`;
/** Also an uncertain one, but for one that nobody had let go on when its end was lost. */
const HANDED_OVER = `(state IN ('running', 'reply-held', 'replied', 'failed')
  OR (state = 'uncertain' AND (hold IS NULL OR released = 1)))`;
/** How many of the newest rows a session is looked for in: without an index of its own, the time for it stays bounded. */
export const LOOKED_THROUGH = 20_000;

export function inboxStatements(db: Database) {
  return {
    insert: db.prepare(
      `INSERT INTO inbox (task_id, peer, message_id, content_digest, alias, session_key, conversation, text, content, hop,
         created_at, updated_at, expires_at, state, hold, hold_until, turn_key)
       VALUES (:taskId, :peer, :messageId, :contentDigest, :alias, :sessionKey, :conversation, :text, :content, :hop,
         :createdAt, :createdAt, :expiresAt, :state, :hold, :holdUntil, :turnKey)`,
    ),
    twin: db.prepare<InboxRow>(
      `SELECT ${INBOX_COLUMNS} FROM inbox WHERE peer = :peer AND message_id = :messageId`,
    ),
    find: db.prepare<InboxRow>(`SELECT ${INBOX_COLUMNS} FROM inbox WHERE task_id = :taskId`),
    findOfPeer: db.prepare<InboxRow>(
      `SELECT ${INBOX_COLUMNS} FROM inbox WHERE task_id = :taskId AND peer = :peer AND origin = 'peer'`,
    ),
    // A clock that went back a little has rows from later than now, which count too. Rows from far ahead are from a
    // clock that was wrong and that the owner has put right.
    usage: db.prepare<Usage>(
      `SELECT count(*) AS fromAll, count(*) FILTER (WHERE peer = :peer) AS fromPeer,
         count(*) FILTER (WHERE peer = :peer AND alias = :alias) AS underGrant
       FROM inbox WHERE created_at > :since AND created_at <= :until AND origin = 'peer'`,
    ),
    open: db.prepare<InboxRow>(`SELECT ${INBOX_COLUMNS} FROM inbox WHERE ${OPEN} ORDER BY seq`),
    waitingPeers: db.prepare<{ peer: PeerName }>(`SELECT DISTINCT peer FROM inbox WHERE state = 'accepted'`),
    heads: db.prepare<InboxRow>(
      `SELECT ${INBOX_COLUMNS} FROM (
         SELECT *, row_number() OVER (PARTITION BY peer ORDER BY seq) AS place FROM inbox
         WHERE seq IN (
           SELECT min(seq) FROM inbox
           WHERE ${OPEN} AND (state = 'running' OR peer NOT IN (SELECT value FROM json_each(:resting)))
           GROUP BY session_key))
       WHERE state = 'running' OR place <= :ofPeer ORDER BY seq`,
    ),
    overdue: db.prepare<InboxRow>(
      `SELECT ${INBOX_COLUMNS} FROM inbox
       WHERE seq IN (SELECT seq FROM inbox WHERE state = 'accepted' AND expires_at <= :now
         UNION ALL SELECT seq FROM inbox WHERE ${HELD} AND hold_until <= :now)
       ORDER BY seq LIMIT :limit`,
    ),
    held: db.prepare<InboxRow>(
      `SELECT ${INBOX_COLUMNS} FROM inbox INDEXED BY inbox_held WHERE ${HELD} ORDER BY seq LIMIT :limit`,
    ),
    list: db.prepare<InboxRow>(`SELECT ${INBOX_COLUMNS} FROM inbox ORDER BY seq DESC LIMIT :limit`),
    ofConversation: db.prepare<InboxRow>(
      `SELECT ${INBOX_COLUMNS} FROM inbox
       WHERE conversation = :conversation AND peer = coalesce(:peer, peer) AND origin = 'peer'
       ORDER BY seq DESC LIMIT :limit`,
    ),
    ofSession: db.prepare<InboxRow>(
      `SELECT ${INBOX_COLUMNS} FROM inbox
       WHERE seq > (SELECT max(seq) FROM inbox) - ${LOOKED_THROUGH} AND session_key = :sessionKey
         AND origin = 'peer' AND ${HANDED_OVER}
       ORDER BY seq DESC LIMIT :limit`,
    ),
    counts: db.prepare<{ state: InboxState; count: number }>(
      'SELECT state, count(*) AS count FROM inbox GROUP BY state',
    ),
    fetched: db.prepare('UPDATE inbox SET fetched_at = :now WHERE task_id = :taskId AND fetched_at IS NULL'),
    update: db.prepare(
      `UPDATE inbox SET state = :state, reply = :reply, detail = :detail, note = :note, hold = :hold,
         hold_until = :holdUntil, released = :released, updated_at = :now
       WHERE task_id = :taskId`,
    ),
  };
}

export function inboxMessageOf({ content, released, ...row }: InboxRow): InboxMessage {
  return { ...row, content: readContent(content), isReleased: released === 1 };
}
