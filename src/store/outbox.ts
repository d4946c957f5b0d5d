import type { MessageId } from '../core/message.ts';
import { isFinalOutboxState, nextOutboxState, type OutboxEvent, type OutboxState } from '../core/outbox.ts';
import { AgentPeerError } from '../errors.ts';
import type { NewOutboxMessage, OutboxMessage, OutboxStore } from '../ports/messages.ts';
import type { Database } from './database.ts';

const COLUMNS = `id, peer, alias, conversation, text, hop, created_at AS createdAt, updated_at AS updatedAt,
  expires_at AS expiresAt, state, attempts, next_attempt_at AS nextAttemptAt, task_id AS taskId, reply, reason, detail`;

const QUEUED = `peer = :peer AND state = 'queued'`;
const ACCEPTED = `peer = :peer AND state = 'accepted'`;

/** Nothing of the same conversation waits before it. */
const FIRST_OF_CONVERSATION = `NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.state = 'queued'
  AND earlier.peer = outbox.peer AND earlier.conversation = outbox.conversation AND earlier.seq < outbox.seq)`;

function statements(db: Database) {
  return {
    insert: db.prepare(
      `INSERT INTO outbox (id, peer, alias, conversation, text, hop, created_at, updated_at, expires_at, state,
         attempts, next_attempt_at)
       VALUES (:id, :peer, :alias, :conversation, :text, :hop, :createdAt, :createdAt, :expiresAt, 'queued', 0, :createdAt)`,
    ),
    find: db.prepare<OutboxMessage>(`SELECT ${COLUMNS} FROM outbox WHERE id = :id`),
    list: db.prepare<OutboxMessage>(`SELECT ${COLUMNS} FROM outbox ORDER BY seq DESC LIMIT :limit`),
    toHandOver: db.prepare<OutboxMessage>(
      `SELECT ${COLUMNS} FROM outbox WHERE ${QUEUED}
         AND (expires_at <= :now OR (next_attempt_at <= :now AND ${FIRST_OF_CONVERSATION}))
       ORDER BY next_attempt_at, seq LIMIT :limit`,
    ),
    toAskFor: db.prepare<OutboxMessage>(
      `SELECT ${COLUMNS} FROM outbox WHERE ${ACCEPTED} AND next_attempt_at <= :now
       ORDER BY next_attempt_at, seq LIMIT :limit`,
    ),
    nextDueAt: db.prepare<{ at: number | null }>(
      `SELECT min(at) AS at FROM (
         SELECT min(next_attempt_at) AS at FROM outbox WHERE ${QUEUED} AND next_attempt_at > :now UNION ALL
         SELECT min(expires_at) FROM outbox WHERE ${QUEUED} AND expires_at > :now UNION ALL
         SELECT min(next_attempt_at) FROM outbox WHERE ${ACCEPTED} AND next_attempt_at > :now)`,
    ),
    hurry: db.prepare(
      `UPDATE outbox SET next_attempt_at = :now
       WHERE peer = :peer AND state IN ('queued', 'accepted') AND next_attempt_at > :now`,
    ),
    counts: db.prepare<{ state: OutboxState; count: number }>(
      'SELECT state, count(*) AS count FROM outbox GROUP BY state',
    ),
    update: db.prepare(
      `UPDATE outbox SET state = :state, attempts = :attempts, next_attempt_at = :nextAttemptAt, updated_at = :now,
         task_id = :taskId, reply = :reply, reason = :reason, detail = :detail
       WHERE id = :id`,
    ),
  };
}

const EXPIRED = {
  unsent: 'its time to live was over before there was a receipt',
  sent: 'its time to live was over before the peer ran it',
} as const;

type Told = Pick<OutboxMessage, 'taskId' | 'reply' | 'reason' | 'detail'>;

function tell({ taskId, reply, reason }: OutboxMessage, event: OutboxEvent): Told {
  switch (event.kind) {
    case 'receipt':
      return { taskId: event.taskId, reply, reason, detail: null };
    case 'replied':
      return { taskId: event.taskId, reply: event.reply, reason, detail: null };
    case 'refused':
      return { taskId, reply, reason: event.reason, detail: event.detail };
    case 'failed':
    case 'uncertain':
    case 'not-delivered':
      return { taskId, reply, reason, detail: event.detail };
    case 'expired':
      return { taskId, reply, reason, detail: EXPIRED[taskId === null ? 'unsent' : 'sent'] };
  }
}

function applied(
  before: OutboxMessage,
  event: OutboxEvent,
  at: { readonly now: number; readonly nextAttemptAt: number },
): OutboxMessage {
  return {
    ...before,
    ...tell(before, event),
    state: nextOutboxState(before.state, event),
    attempts: before.attempts + (event.kind === 'expired' ? 0 : 1),
    nextAttemptAt: at.nextAttemptAt,
    updatedAt: at.now,
  };
}

export function createOutboxStore(db: Database): OutboxStore {
  const sql = statements(db);
  const plain = (rows: readonly OutboxMessage[]) => rows.map((row) => ({ ...row }));
  const found = (id: string): OutboxMessage => {
    const row = sql.find.get({ id });
    if (row !== null) return { ...row };
    throw new AgentPeerError(
      'message-not-found',
      `no message has the id ${id}`,
      '`agent-peer messages` lists them',
    );
  };
  const apply: OutboxStore['apply'] = (id: MessageId, event, at) =>
    db.transaction(() => {
      const before = found(id);
      if (isFinalOutboxState(before.state)) return before;
      const after = applied(before, event, at);
      const { state, attempts, nextAttemptAt, taskId, reply, reason, detail } = after;
      sql.update.run({ id, state, attempts, nextAttemptAt, now: at.now, taskId, reply, reason, detail });
      return after;
    });
  return {
    add: (message: NewOutboxMessage) => {
      const { id, peer, alias, conversation, text, hop, createdAt, expiresAt } = message;
      sql.insert.run({ id, peer, alias, conversation, text, hop, createdAt, expiresAt });
      return found(id);
    },
    find: (id) => {
      const row = sql.find.get({ id });
      return row === null ? null : { ...row };
    },
    list: (limit) => plain(sql.list.all({ limit })),
    toHandOver: (peer, now, limit) => plain(sql.toHandOver.all({ peer, now, limit })),
    toAskFor: (peer, now, limit) => plain(sql.toAskFor.all({ peer, now, limit })),
    nextDueAt: (peer, now) => sql.nextDueAt.get({ peer, now })?.at ?? null,
    hurry: (peer, now) => sql.hurry.run({ peer, now }),
    counts: () => Object.fromEntries(sql.counts.all().map(({ state, count }) => [state, count])),
    apply,
  };
}
