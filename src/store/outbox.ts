import type { MessageId } from '../core/message.ts';
import {
  isFinalOutboxState,
  nextOutboxState,
  outboxStep,
  type OutboxEvent,
  type OutboxState,
} from '../core/outbox.ts';
import { AgentPeerError } from '../errors.ts';
import type { NewOutboxMessage, OutboxMessage, OutboxStore } from '../ports/messages.ts';
import { readContent, writeContent } from './content-column.ts';
import type { Database } from './database.ts';
import { createReplyTurns, type ReplyTurns } from './reply-turns.ts';

const COLUMNS = `id, peer, alias, conversation, text, content, hop, reply_session AS replySession, created_at AS createdAt,
  updated_at AS updatedAt, expires_at AS expiresAt, state, hold, hold_until AS holdUntil, peer_hold AS peerHold, released,
  attempts, next_attempt_at AS nextAttemptAt, task_id AS taskId, reply, reason, detail,
  erased_at AS erasedAt`;

type Row = Omit<OutboxMessage, 'content' | 'isReleased'> & {
  readonly content: string | null;
  readonly released: number;
};

function messageOf({ content, released, ...row }: Row): OutboxMessage {
  return { ...row, content: readContent(content), isReleased: released === 1 };
}

const QUEUED = `peer = :peer AND state = 'queued'`;
const ACCEPTED = `peer = :peer AND state = 'accepted'`;
const HELD = `state IN ('held', 'reply-held')`;

/** Nothing of the same conversation waits before it. */
const FIRST_OF_CONVERSATION = `NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.state = 'queued'
  AND earlier.peer = outbox.peer AND earlier.conversation = outbox.conversation AND earlier.seq < outbox.seq)`;

function statements(db: Database) {
  return {
    insert: db.prepare(
      `INSERT INTO outbox (id, peer, alias, conversation, text, content, hop, reply_session, created_at, updated_at,
         expires_at, state, hold, hold_until, attempts, next_attempt_at)
       VALUES (:id, :peer, :alias, :conversation, :text, :content, :hop, :replySession, :createdAt, :createdAt, :expiresAt,
         :state, :hold, :holdUntil, 0, :createdAt)`,
    ),
    find: db.prepare<Row>(`SELECT ${COLUMNS} FROM outbox WHERE id = :id`),
    list: db.prepare<Row>(`SELECT ${COLUMNS} FROM outbox ORDER BY seq DESC LIMIT :limit`),
    toHandOver: db.prepare<Row>(
      `SELECT ${COLUMNS} FROM outbox WHERE ${QUEUED}
         AND (expires_at <= :now OR (next_attempt_at <= :now AND ${FIRST_OF_CONVERSATION}))
       ORDER BY next_attempt_at, seq LIMIT :limit`,
    ),
    overdue: db.prepare<Row>(
      `SELECT ${COLUMNS} FROM outbox WHERE ${HELD} AND hold_until <= :now ORDER BY seq LIMIT :limit`,
    ),
    held: db.prepare<Row>(`SELECT ${COLUMNS} FROM outbox WHERE ${HELD} ORDER BY seq LIMIT :limit`),
    toAskFor: db.prepare<Row>(
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
         task_id = :taskId, reply = :reply, reason = :reason, detail = :detail, hold = :hold, hold_until = :holdUntil,
         peer_hold = :peerHold, released = :released
       WHERE id = :id`,
    ),
  };
}

const EXPIRED = {
  unsent: 'its time to live was over before there was a receipt',
  sent: 'its time to live was over before the peer ran it',
  held: 'its time was over before a person looked at it',
  'reply-held': 'its time was over before a person looked at its reply',
} as const;

function expiredDetail({ state, taskId }: OutboxMessage): string {
  if (state === 'held' || state === 'reply-held') return EXPIRED[state];
  return EXPIRED[taskId === null ? 'unsent' : 'sent'];
}

type Told = Pick<OutboxMessage, 'taskId' | 'reply' | 'reason' | 'detail' | 'peerHold'>;

function tell(message: OutboxMessage, event: OutboxEvent): Told {
  const { taskId, reply, reason, peerHold } = message;
  const before = { taskId, reply, reason, peerHold };
  switch (event.kind) {
    case 'receipt':
      return { ...before, taskId: event.taskId, peerHold: event.held ?? null, detail: null };
    case 'replied':
      return { ...before, taskId: event.taskId, reply: event.reply, peerHold: null, detail: null };
    case 'refused':
      return { ...before, reason: event.reason, peerHold: null, detail: event.detail };
    case 'failed':
    case 'uncertain':
      return { ...before, peerHold: null, detail: event.detail };
    case 'not-delivered':
      return { ...before, detail: event.detail };
    case 'expired':
      return { ...before, reply: null, peerHold: null, detail: expiredDetail(message) };
    case 'hold-refused':
      return { ...before, reply: null, reason: 'hold-refused', detail: event.note };
    case 'approved':
      return { ...before, detail: null };
    case 'cancelled':
      return { ...before, detail: 'it was cancelled here before it was handed over' };
  }
}

/** A person, or the clock, is no attempt. */
const NO_ATTEMPT = new Set<OutboxEvent['kind']>(['expired', 'approved', 'hold-refused', 'cancelled']);

function waiting(state: OutboxState, event: OutboxEvent) {
  if (state !== 'reply-held' || event.kind !== 'replied') return {};
  return { hold: 'grant' as const, holdUntil: event.holdUntil ?? null };
}

function applied(
  before: OutboxMessage,
  event: OutboxEvent,
  at: { readonly now: number; readonly nextAttemptAt: number },
): OutboxMessage {
  const state = nextOutboxState(before.state, event);
  return {
    ...before,
    ...tell(before, event),
    ...waiting(state, event),
    state,
    attempts: before.attempts + (NO_ATTEMPT.has(event.kind) ? 0 : 1),
    nextAttemptAt: at.nextAttemptAt,
    updatedAt: at.now,
    isReleased: before.isReleased || event.kind === 'approved',
  };
}

/** What was held and what an attempt that was under way brings all the same: neither counts for the other. */
function isIdle(before: OutboxMessage, event: OutboxEvent): boolean {
  if (isFinalOutboxState(before.state)) return true;
  const isSame = nextOutboxState(before.state, event) === before.state;
  return isSame && (NO_ATTEMPT.has(event.kind) || outboxStep(before.state) === 'ask-person');
}

function store(sql: ReturnType<typeof statements>, message: OutboxMessage): void {
  const { id, state, attempts, nextAttemptAt, updatedAt, taskId, reply, reason, detail } = message;
  const { hold, holdUntil, peerHold, isReleased } = message;
  sql.update.run({
    ...{ id, state, attempts, nextAttemptAt, now: updatedAt, taskId, reply, reason, detail },
    ...{ hold, holdUntil, peerHold, released: Number(isReleased) },
  });
}

/** The reply comes into its session with the very write that takes it, or not at all. */
function deliverReply(replyTurns: ReplyTurns, after: OutboxMessage, make: MakeReplyTurn): void {
  const { state, reply, replySession } = after;
  if (state !== 'answered' || reply === null || replySession === null || make === undefined) return;
  replyTurns.add(after, replySession, make(after, reply));
}
type MakeReplyTurn = Parameters<OutboxStore['apply']>[2]['replyTurn'];

export function createOutboxStore(db: Database): OutboxStore {
  const sql = statements(db);
  const replyTurns = createReplyTurns(db);
  const plain = (rows: readonly Row[]) => rows.map(messageOf);
  const found = (id: string): OutboxMessage => {
    const row = sql.find.get({ id });
    if (row !== null) return messageOf(row);
    throw new AgentPeerError(
      'message-not-found',
      `no message has the id ${id}`,
      '`agent-peer messages` lists them',
    );
  };
  const apply: OutboxStore['apply'] = (id: MessageId, event, at) =>
    db.transaction(() => {
      const before = found(id);
      if (isIdle(before, event)) return before;
      const after = applied(before, event, at);
      store(sql, after);
      deliverReply(replyTurns, after, at.replyTurn);
      return after;
    });
  return {
    add: (message: NewOutboxMessage) => {
      const { content, hold, expiresAt } = message;
      const waits =
        hold === null ? { state: 'queued', holdUntil: null } : { state: 'held', holdUntil: expiresAt };
      sql.insert.run({ ...message, content: writeContent(content), ...waits });
      return found(message.id);
    },
    find: (id) => {
      const row = sql.find.get({ id });
      return row === null ? null : messageOf(row);
    },
    list: (limit) => plain(sql.list.all({ limit })),
    toHandOver: (peer, now, limit) => plain(sql.toHandOver.all({ peer, now, limit })),
    toAskFor: (peer, now, limit) => plain(sql.toAskFor.all({ peer, now, limit })),
    nextDueAt: (peer, now) => sql.nextDueAt.get({ peer, now })?.at ?? null,
    hurry: (peer, now) => sql.hurry.run({ peer, now }),
    overdue: (now, limit) => plain(sql.overdue.all({ now, limit })),
    held: (limit) => plain(sql.held.all({ limit })),
    counts: () => Object.fromEntries(sql.counts.all().map(({ state, count }) => [state, count])),
    apply,
  };
}
