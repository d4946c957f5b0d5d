import type { MessageId } from '../core/message.ts';
import { countsFor, nextOutboxState, type OutboxEvent, type OutboxState } from '../core/outbox.ts';
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
/** Nothing of the same conversation waits before it. */
const FIRST = `${QUEUED} AND is_first = 1`;
const ACCEPTED = `peer = :peer AND state = 'accepted'`;
const HELD = `state IN ('held', 'reply-held')`;
const HELD_BY_PEER = `state = 'accepted' AND peer_hold IS NOT NULL`;

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
    over: db.prepare<Row>(
      `SELECT ${COLUMNS} FROM outbox WHERE ${QUEUED} AND expires_at <= :now ORDER BY expires_at, seq LIMIT :limit`,
    ),
    due: db.prepare<Row>(
      `SELECT ${COLUMNS} FROM outbox WHERE ${FIRST} AND next_attempt_at <= :now AND expires_at > :now
       ORDER BY next_attempt_at, seq LIMIT :limit`,
    ),
    overdue: db.prepare<Row>(
      `SELECT ${COLUMNS} FROM outbox WHERE ${HELD} AND hold_until <= :now ORDER BY seq LIMIT :limit`,
    ),
    held: db.prepare<Row>(`SELECT ${COLUMNS} FROM outbox WHERE ${HELD} ORDER BY seq LIMIT :limit`),
    heldByPeer: db.prepare<Row>(
      `SELECT ${COLUMNS} FROM outbox WHERE ${HELD_BY_PEER} ORDER BY seq LIMIT :limit`,
    ),
    countHeldByPeer: db.prepare<{ count: number }>(
      `SELECT count(*) AS count FROM outbox WHERE ${HELD_BY_PEER}`,
    ),
    ofConversation: db.prepare<Row>(
      `SELECT ${COLUMNS} FROM outbox WHERE conversation = :conversation AND peer = coalesce(:peer, peer)
       ORDER BY seq DESC LIMIT :limit`,
    ),
    toAskFor: db.prepare<Row>(
      `SELECT ${COLUMNS} FROM outbox WHERE ${ACCEPTED} AND next_attempt_at <= :now
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

const CANCELLED = {
  untried: 'it was cancelled here before it was handed over',
  tried:
    'it was cancelled here; the peer has it only if it came through in an attempt whose receipt was lost',
  there: 'the peer says that it was cancelled before its agent saw it',
} as const;

/** An attempt that told of no receipt may have brought the message all the same. */
function cancelledDetail({ attempts }: OutboxMessage): string {
  return CANCELLED[attempts === 0 ? 'untried' : 'tried'];
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
    case 'released':
      return { ...before, peerHold: null, detail: null };
    case 'cancelled':
      return { ...before, detail: cancelledDetail(message) };
    case 'cancelled-there':
      return { ...before, taskId: event.taskId, peerHold: null, detail: CANCELLED.there };
  }
}

/** A person, or the clock, is no attempt. */
const NO_ATTEMPT = new Set<OutboxEvent['kind']>([
  'expired',
  'approved',
  'released',
  'hold-refused',
  'cancelled',
]);

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
    isReleased: before.isReleased || event.kind === 'approved' || event.kind === 'released',
  };
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
      if (!countsFor(before.state, event)) return before;
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
    toHandOver: (peer, now, limit) => {
      const over = sql.over.all({ peer, now, limit });
      return plain([...over, ...sql.due.all({ peer, now, limit: limit - over.length })]);
    },
    toAskFor: (peer, now, limit) => plain(sql.toAskFor.all({ peer, now, limit })),
    nextDueAt: (peer, now) => sql.nextDueAt.get({ peer, now })?.at ?? null,
    hurry: (peer, now) => {
      sql.hurryQueued.run({ peer, now });
      sql.hurryAccepted.run({ peer, now });
    },
    overdue: (now, limit) => plain(sql.overdue.all({ now, limit })),
    held: (limit) => plain(sql.held.all({ limit })),
    heldByPeer: (limit) => plain(sql.heldByPeer.all({ limit })),
    countHeldByPeer: () => sql.countHeldByPeer.get()?.count ?? 0,
    ofConversation: (conversation, peer, limit) =>
      plain(sql.ofConversation.all({ conversation, peer, limit })).reverse(),
    waiting: (peer) => sql.waiting.get({ peer }) ?? { count: 0, detail: null },
    counts: () => Object.fromEntries(sql.counts.all().map(({ state, count }) => [state, count])),
    apply,
  };
}
