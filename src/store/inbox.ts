import type { Alias } from '../core/alias.ts';
import { CLOCK_TOLERANCE_MS } from '../core/decide.ts';
import type { Usage } from '../core/facts.ts';
import {
  nextInbox,
  stepOf,
  type InboxEvent,
  type InboxState,
  type TurnOutcome,
  type TurnTrace,
} from '../core/inbox.ts';
import type { TaskId } from '../core/message.ts';
import type { PeerName } from '../core/peer.ts';
import { SENDS_WINDOW_MS } from '../core/policy.ts';
import { AgentPeerError } from '../errors.ts';
import type { Acceptance, InboxMessage, InboxMoved, InboxStore, NewInboxMessage } from '../ports/messages.ts';
import { readContent, writeContent } from './content-column.ts';
import type { Database } from './database.ts';

const COLUMNS = `task_id AS taskId, origin, peer, message_id AS messageId, content_digest AS contentDigest, alias,
  session_key AS sessionKey, conversation, text, content, hop, created_at AS createdAt, updated_at AS updatedAt,
  expires_at AS expiresAt, state, hold, hold_until AS holdUntil, released, turn_key AS turnKey, reply, detail, note,
  erased_at AS erasedAt`;

type Row = Omit<InboxMessage, 'content' | 'isReleased'> & {
  readonly content: string | null;
  readonly released: number;
};

const OPEN = `state IN ('accepted', 'running')`;
const HELD = `state IN ('held', 'reply-held')`;

function statements(db: Database) {
  return {
    insert: db.prepare(
      `INSERT INTO inbox (task_id, peer, message_id, content_digest, alias, session_key, conversation, text, content, hop,
         created_at, updated_at, expires_at, state, hold, hold_until, turn_key)
       VALUES (:taskId, :peer, :messageId, :contentDigest, :alias, :sessionKey, :conversation, :text, :content, :hop,
         :createdAt, :createdAt, :expiresAt, :state, :hold, :holdUntil, :turnKey)`,
    ),
    twin: db.prepare<Row>(`SELECT ${COLUMNS} FROM inbox WHERE peer = :peer AND message_id = :messageId`),
    find: db.prepare<Row>(`SELECT ${COLUMNS} FROM inbox WHERE task_id = :taskId`),
    findOfPeer: db.prepare<Row>(
      `SELECT ${COLUMNS} FROM inbox WHERE task_id = :taskId AND peer = :peer AND origin = 'peer'`,
    ),
    // A clock that went back a little has rows from later than now, which count too. Rows from far ahead are from a
    // clock that was wrong and that the owner has put right.
    usage: db.prepare<Usage>(
      `SELECT count(*) AS fromAll, count(*) FILTER (WHERE peer = :peer) AS fromPeer,
         count(*) FILTER (WHERE peer = :peer AND alias = :alias) AS underGrant
       FROM inbox WHERE created_at > :since AND created_at <= :until AND origin = 'peer'`,
    ),
    open: db.prepare<Row>(`SELECT ${COLUMNS} FROM inbox WHERE ${OPEN} ORDER BY seq`),
    waitingPeers: db.prepare<{ peer: PeerName }>(`SELECT DISTINCT peer FROM inbox WHERE state = 'accepted'`),
    heads: db.prepare<Row>(
      `SELECT ${COLUMNS} FROM (
         SELECT *, row_number() OVER (PARTITION BY peer ORDER BY seq) AS place FROM inbox
         WHERE seq IN (
           SELECT min(seq) FROM inbox
           WHERE ${OPEN} AND (state = 'running' OR peer NOT IN (SELECT value FROM json_each(:resting)))
           GROUP BY session_key))
       WHERE state = 'running' OR place <= :ofPeer ORDER BY seq`,
    ),
    overdue: db.prepare<Row>(
      `SELECT ${COLUMNS} FROM inbox
       WHERE seq IN (SELECT seq FROM inbox WHERE state = 'accepted' AND expires_at <= :now
         UNION ALL SELECT seq FROM inbox WHERE ${HELD} AND hold_until <= :now)
       ORDER BY seq LIMIT :limit`,
    ),
    held: db.prepare<Row>(
      `SELECT ${COLUMNS} FROM inbox INDEXED BY inbox_held WHERE ${HELD} ORDER BY seq LIMIT :limit`,
    ),
    list: db.prepare<Row>(`SELECT ${COLUMNS} FROM inbox ORDER BY seq DESC LIMIT :limit`),
    ofConversation: db.prepare<Row>(
      `SELECT ${COLUMNS} FROM inbox
       WHERE conversation = :conversation AND peer = coalesce(:peer, peer) AND origin = 'peer'
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

type Statements = ReturnType<typeof statements>;

function messageOf({ content, released, ...row }: Row): InboxMessage {
  return { ...row, content: readContent(content), isReleased: released === 1 };
}

function acceptWith(sql: Statements, message: NewInboxMessage): Acceptance {
  const { peer, messageId, contentDigest, taskId, content, hold } = message;
  const twin = sql.twin.get({ peer, messageId });
  if (twin !== null) {
    return twin.contentDigest === contentDigest
      ? { kind: 'repeated', message: messageOf(twin) }
      : { kind: 'reused' };
  }
  const waiting = hold === null ? ({ state: 'accepted', holdUntil: null } as const) : heldOf(message);
  sql.insert.run({ ...message, content: writeContent(content), ...waiting });
  const added = sql.find.get({ taskId });
  if (added === null) throw missing(taskId);
  return { kind: 'new', message: messageOf(added) };
}

function heldOf({ expiresAt }: NewInboxMessage) {
  return { state: 'held', holdUntil: expiresAt } as const;
}

function missing(taskId: TaskId): AgentPeerError {
  return new AgentPeerError('message-not-found', `no task has the id ${taskId}`, 'Look at the inbox');
}

type Told = Pick<InboxMessage, 'reply' | 'detail' | 'note'>;

function toldByTurn(before: Told, turn: TurnOutcome | TurnTrace): Told {
  const detail = 'detail' in turn ? turn.detail : null;
  return { ...before, detail, reply: turn.kind === 'replied' ? turn.text : before.reply };
}

const EXPIRED = {
  accepted: 'its time to live was over before it was run',
  held: 'its time was over before a person looked at it',
  'reply-held': 'its time was over before a person looked at its reply',
} as const;

/** What is kept of what an event tells. */
function toldBy({ state, reply, detail, note }: InboxMessage, event: InboxEvent): Told {
  const before = { reply, detail, note };
  switch (event.kind) {
    case 'begun':
    case 'approved':
      return { ...before, detail: null };
    case 'turn':
      return toldByTurn(before, event.outcome);
    case 'look':
      return toldByTurn(before, event.trace);
    case 'hold-refused':
      return { reply: null, detail: 'a person here refused it', note: event.note };
    case 'cancelled':
      return { ...before, detail: event.detail };
    case 'expired':
      return { ...before, detail: state in EXPIRED ? EXPIRED[state as keyof typeof EXPIRED] : detail };
  }
}

function applyWith(sql: Statements, taskId: TaskId, event: InboxEvent, now: number): InboxMoved {
  const row = sql.find.get({ taskId });
  if (row === null) throw missing(taskId);
  const before = messageOf(row);
  const move = nextInbox(before.state, event);
  if (move === null) return { message: before, step: stepOf(before.state) };
  const { state, step } = move;
  const message: InboxMessage = {
    ...before,
    ...toldBy(before, event),
    state,
    updatedAt: now,
    ...(state === 'reply-held' && 'holdUntil' in event
      ? { hold: 'grant' as const, holdUntil: event.holdUntil }
      : {}),
    isReleased: before.isReleased || event.kind === 'approved',
  };
  const { reply, detail, note, hold, holdUntil, isReleased } = message;
  sql.update.run({ taskId, state, reply, detail, note, hold, holdUntil, released: Number(isReleased), now });
  return { message, step };
}

function usageWith(sql: Statements, peer: PeerName, alias: Alias, now: number): Usage {
  const row = sql.usage.get({
    peer,
    alias,
    since: now - SENDS_WINDOW_MS,
    until: now + CLOCK_TOLERANCE_MS,
  });
  // A count that is not there is no reason to let more in.
  return row === null ? { underGrant: Infinity, fromPeer: Infinity, fromAll: Infinity } : { ...row };
}

/** A final state never changes: `apply` then answers the message as it is. */
export function createInboxStore(db: Database): InboxStore {
  const sql = statements(db);
  const one = (row: Row | null) => (row === null ? null : messageOf(row));
  const plain = (rows: readonly Row[]) => rows.map(messageOf);
  return {
    accept: (message) => db.transaction(() => acceptWith(sql, message)),
    findTask: (peer, taskId) => one(sql.findOfPeer.get({ peer, taskId })),
    findMessage: (peer, messageId) => one(sql.twin.get({ peer, messageId })),
    usage: (peer, alias, now) => usageWith(sql, peer, alias, now),
    find: (taskId) => one(sql.find.get({ taskId })),
    open: () => plain(sql.open.all()),
    waitingPeers: () => sql.waitingPeers.all().map(({ peer }) => peer),
    heads: (ofPeer, resting) => plain(sql.heads.all({ ofPeer, resting: JSON.stringify(resting) })),
    overdue: (now, limit) => plain(sql.overdue.all({ now, limit })),
    held: (limit) => plain(sql.held.all({ limit })),
    list: (limit) => plain(sql.list.all({ limit })),
    ofConversation: (conversation, peer, limit) =>
      plain(sql.ofConversation.all({ conversation, peer, limit })).reverse(),
    counts: () => Object.fromEntries(sql.counts.all().map(({ state, count }) => [state, count])),
    fetched: (taskId, now) => sql.fetched.run({ taskId, now }),
    apply: (taskId, event, now) => db.transaction(() => applyWith(sql, taskId, event, now)),
  };
}
