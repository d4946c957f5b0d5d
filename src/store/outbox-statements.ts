import type { OutboxState } from '../core/outbox.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import { readContent } from './content-column.ts';
import type { Database } from './database.ts';
import { LOOKED_THROUGH } from './inbox-statements.ts';

export const OUTBOX_COLUMNS = `id, peer, alias, conversation, text, content, hop, reply_session AS replySession,
  in_reply_to AS inReplyTo, offered_at AS offeredAt, created_at AS createdAt,
  updated_at AS updatedAt, expires_at AS expiresAt, state, hold, hold_until AS holdUntil, peer_hold AS peerHold, released,
  attempts, next_attempt_at AS nextAttemptAt, task_id AS taskId, reply, reason, detail,
  erased_at AS erasedAt`;

/** A row of the outbox as SQLite gives it. */
export type OutboxRow = Omit<OutboxMessage, 'content' | 'isReleased'> & {
  readonly content: string | null;
  readonly released: number;
};

export function outboxMessageOf({ content, released, ...row }: OutboxRow): OutboxMessage {
  return { ...row, content: readContent(content), isReleased: released === 1 };
}

const QUEUED = `peer = :peer AND state = 'queued'`;
/** Nothing of the same conversation waits before it. */
const FIRST = `${QUEUED} AND is_first = 1`;
const ACCEPTED = `peer = :peer AND state = 'accepted'`;
const HELD = `state IN ('held', 'reply-held')`;
const HELD_BY_PEER = `state = 'accepted' AND peer_hold IS NOT NULL`;

export function outboxStatements(db: Database) {
  return {
    insert: db.prepare(
      `INSERT INTO outbox (id, peer, alias, conversation, text, content, hop, reply_session, in_reply_to, client_id,
         client_digest, created_at, updated_at, expires_at, state, hold, hold_until, attempts, next_attempt_at)
       VALUES (:id, :peer, :alias, :conversation, :text, :content, :hop, :replySession, :inReplyTo, :clientId,
         :clientDigest, :createdAt, :createdAt, :expiresAt, :state, :hold, :holdUntil, 0, :createdAt)`,
    ),
    find: db.prepare<OutboxRow>(`SELECT ${OUTBOX_COLUMNS} FROM outbox WHERE id = :id`),
    ofClient: db.prepare<OutboxRow & { readonly clientDigest: string }>(
      `SELECT ${OUTBOX_COLUMNS}, client_digest AS clientDigest FROM outbox WHERE peer = :peer AND client_id = :clientId`,
    ),
    list: db.prepare<OutboxRow>(`SELECT ${OUTBOX_COLUMNS} FROM outbox ORDER BY seq DESC LIMIT :limit`),
    over: db.prepare<OutboxRow>(
      `SELECT ${OUTBOX_COLUMNS} FROM outbox WHERE ${QUEUED} AND expires_at <= :now ORDER BY expires_at, seq LIMIT :limit`,
    ),
    due: db.prepare<OutboxRow>(
      `SELECT ${OUTBOX_COLUMNS} FROM outbox WHERE ${FIRST} AND next_attempt_at <= :now AND expires_at > :now
       ORDER BY next_attempt_at, seq LIMIT :limit`,
    ),
    overdue: db.prepare<OutboxRow>(
      `SELECT ${OUTBOX_COLUMNS} FROM outbox WHERE ${HELD} AND hold_until <= :now ORDER BY seq LIMIT :limit`,
    ),
    held: db.prepare<OutboxRow>(
      `SELECT ${OUTBOX_COLUMNS} FROM outbox WHERE ${HELD} ORDER BY seq LIMIT :limit`,
    ),
    heldByPeer: db.prepare<OutboxRow>(
      `SELECT ${OUTBOX_COLUMNS} FROM outbox WHERE ${HELD_BY_PEER} ORDER BY seq LIMIT :limit`,
    ),
    countHeldByPeer: db.prepare<{ count: number }>(
      `SELECT count(*) AS count FROM outbox WHERE ${HELD_BY_PEER}`,
    ),
    ofConversation: db.prepare<OutboxRow>(
      `SELECT ${OUTBOX_COLUMNS} FROM outbox WHERE conversation = :conversation AND peer = coalesce(:peer, peer)
       ORDER BY seq DESC LIMIT :limit`,
    ),
    toAskFor: db.prepare<OutboxRow>(
      `SELECT ${OUTBOX_COLUMNS} FROM outbox WHERE ${ACCEPTED} AND next_attempt_at <= :now
       ORDER BY next_attempt_at, seq LIMIT :limit`,
    ),
    nextDueAt: db.prepare<{ at: number | null }>(
      `SELECT min(at) AS at FROM (
         SELECT min(next_attempt_at) AS at FROM outbox WHERE ${FIRST} AND next_attempt_at > :now UNION ALL
         SELECT min(expires_at) FROM outbox WHERE ${QUEUED} AND expires_at > :now UNION ALL
         SELECT min(next_attempt_at) FROM outbox WHERE ${ACCEPTED} AND next_attempt_at > :now)`,
    ),
    hurryQueued: db.prepare(
      `UPDATE outbox SET next_attempt_at = :now WHERE ${QUEUED} AND next_attempt_at > :now`,
    ),
    hurryAccepted: db.prepare(
      `UPDATE outbox SET next_attempt_at = :now WHERE ${ACCEPTED} AND next_attempt_at > :now`,
    ),
    waiting: db.prepare<{ count: number; detail: string | null }>(
      `SELECT (SELECT count(*) FROM outbox WHERE ${QUEUED}) AS count, (SELECT detail FROM outbox WHERE ${FIRST}
         AND detail IS NOT NULL ORDER BY next_attempt_at DESC LIMIT 1) AS detail`,
    ),
    ofSession: db.prepare<OutboxRow>(
      `SELECT ${OUTBOX_COLUMNS} FROM outbox
       WHERE seq > (SELECT max(seq) FROM outbox) - ${LOOKED_THROUGH} AND reply_session = :sessionKey
       ORDER BY seq DESC LIMIT :limit`,
    ),
    counts: db.prepare<{ state: OutboxState; count: number }>(
      'SELECT state, count(*) AS count FROM outbox GROUP BY state',
    ),
    update: db.prepare(
      `UPDATE outbox SET state = :state, attempts = :attempts, next_attempt_at = :nextAttemptAt, updated_at = :now,
         task_id = :taskId, reply = :reply, reason = :reason, detail = :detail, hold = :hold, hold_until = :holdUntil,
         peer_hold = :peerHold, released = :released, offered_at = :offeredAt
       WHERE id = :id`,
    ),
    offered: db.prepare("UPDATE outbox SET offered_at = :now WHERE id = :id AND state = 'queued'"),
  };
}
