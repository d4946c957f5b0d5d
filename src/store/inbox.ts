import type { Alias } from '../core/alias.ts';
import { CLOCK_TOLERANCE_MS } from '../core/decide.ts';
import type { Usage } from '../core/facts.ts';
import { isCancellable, isFinalInboxState, type InboxState } from '../core/inbox.ts';
import type { TaskId } from '../core/message.ts';
import type { PeerName } from '../core/peer.ts';
import { SENDS_WINDOW_MS } from '../core/policy.ts';
import { AgentPeerError } from '../errors.ts';
import type { Acceptance, InboxMessage, InboxStore, NewInboxMessage } from '../ports/messages.ts';
import type { Database } from './database.ts';

const COLUMNS = `task_id AS taskId, peer, message_id AS messageId, content_digest AS contentDigest, alias,
  session_key AS sessionKey, conversation, text, hop, created_at AS createdAt, updated_at AS updatedAt,
  expires_at AS expiresAt, state, turn_key AS turnKey, reply, detail`;

const OPEN = `state IN ('accepted', 'running')`;

function statements(db: Database) {
  return {
    insert: db.prepare(
      `INSERT INTO inbox (task_id, peer, message_id, content_digest, alias, session_key, conversation, text, hop,
         created_at, updated_at, expires_at, state, turn_key)
       VALUES (:taskId, :peer, :messageId, :contentDigest, :alias, :sessionKey, :conversation, :text, :hop,
         :createdAt, :createdAt, :expiresAt, 'accepted', :turnKey)`,
    ),
    twin: db.prepare<InboxMessage>(
      `SELECT ${COLUMNS} FROM inbox WHERE peer = :peer AND message_id = :messageId`,
    ),
    find: db.prepare<InboxMessage>(`SELECT ${COLUMNS} FROM inbox WHERE task_id = :taskId`),
    findOfPeer: db.prepare<InboxMessage>(
      `SELECT ${COLUMNS} FROM inbox WHERE task_id = :taskId AND peer = :peer`,
    ),
    // A clock that went back a little has rows from later than now, which count too. Rows from far ahead are from a
    // clock that was wrong and that the owner has put right.
    usage: db.prepare<Usage>(
      `SELECT count(*) AS fromAll, count(*) FILTER (WHERE peer = :peer) AS fromPeer,
         count(*) FILTER (WHERE peer = :peer AND alias = :alias) AS underGrant
       FROM inbox WHERE created_at > :since AND created_at <= :until`,
    ),
    open: db.prepare<InboxMessage>(`SELECT ${COLUMNS} FROM inbox WHERE ${OPEN} ORDER BY seq`),
    heads: db.prepare<InboxMessage>(
      `SELECT ${COLUMNS} FROM (
         SELECT *, row_number() OVER (PARTITION BY peer ORDER BY seq) AS place FROM inbox
         WHERE seq IN (SELECT min(seq) FROM inbox WHERE ${OPEN} GROUP BY session_key))
       WHERE state = 'running' OR place <= :ofPeer ORDER BY seq`,
    ),
    overdue: db.prepare<InboxMessage>(
      `SELECT ${COLUMNS} FROM inbox WHERE state = 'accepted' AND expires_at <= :now ORDER BY seq LIMIT :limit`,
    ),
    list: db.prepare<InboxMessage>(`SELECT ${COLUMNS} FROM inbox ORDER BY seq DESC LIMIT :limit`),
    counts: db.prepare<{ state: InboxState; count: number }>(
      'SELECT state, count(*) AS count FROM inbox GROUP BY state',
    ),
    update: db.prepare(
      `UPDATE inbox SET state = :state, reply = :reply, detail = :detail, updated_at = :now WHERE task_id = :taskId`,
    ),
  };
}

type Statements = ReturnType<typeof statements>;

function acceptWith(sql: Statements, message: NewInboxMessage): Acceptance {
  const { peer, messageId, contentDigest } = message;
  const twin = sql.twin.get({ peer, messageId });
  if (twin !== null) {
    return twin.contentDigest === contentDigest
      ? { kind: 'repeated', message: { ...twin } }
      : { kind: 'reused' };
  }
  const { taskId, alias, sessionKey, conversation, text, hop, createdAt, expiresAt, turnKey } = message;
  const key = { taskId, peer, messageId, contentDigest, turnKey };
  sql.insert.run({ ...key, alias, sessionKey, conversation, text, hop, createdAt, expiresAt });
  return {
    kind: 'new',
    message: { ...message, state: 'accepted', updatedAt: createdAt, reply: null, detail: null },
  };
}

function moveWith(sql: Statements, taskId: TaskId, to: Parameters<InboxStore['move']>[1]): InboxMessage {
  const before = sql.find.get({ taskId });
  if (before === null)
    throw new AgentPeerError('message-not-found', `no task has the id ${taskId}`, 'Look at the inbox');
  if (isFinalInboxState(before.state)) return { ...before };
  const { reply = before.reply, detail = before.detail, state, now } = to;
  sql.update.run({ taskId, state, reply, detail, now });
  return { ...before, state, reply, detail, updatedAt: now };
}

function cancelWith(sql: Statements, taskId: TaskId, now: number): InboxMessage {
  const before = sql.find.get({ taskId });
  if (before !== null && !isCancellable(before.state)) return { ...before };
  return moveWith(sql, taskId, { state: 'cancelled', now });
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

/** A final state never changes: `move` then answers the message as it is. */
export function createInboxStore(db: Database): InboxStore {
  const sql = statements(db);
  const one = (row: InboxMessage | null) => (row === null ? null : { ...row });
  const plain = (rows: readonly InboxMessage[]) => rows.map((row) => ({ ...row }));
  return {
    accept: (message) => db.transaction(() => acceptWith(sql, message)),
    findTask: (peer, taskId) => one(sql.findOfPeer.get({ peer, taskId })),
    findMessage: (peer, messageId) => one(sql.twin.get({ peer, messageId })),
    usage: (peer, alias, now) => usageWith(sql, peer, alias, now),
    cancel: (taskId, now) => db.transaction(() => cancelWith(sql, taskId, now)),
    find: (taskId) => one(sql.find.get({ taskId })),
    open: () => plain(sql.open.all()),
    heads: (ofPeer) => plain(sql.heads.all({ ofPeer })),
    overdue: (now, limit) => plain(sql.overdue.all({ now, limit })),
    list: (limit) => plain(sql.list.all({ limit })),
    counts: () => Object.fromEntries(sql.counts.all().map(({ state, count }) => [state, count])),
    move: (taskId, to) => db.transaction(() => moveWith(sql, taskId, to)),
  };
}
