import type { MessageId } from '../core/message.ts';
import { countsFor } from '../core/outbox.ts';
import { AgentPeerError } from '../errors.ts';
import type { NewOutboxMessage, OutboxMessage, OutboxStore } from '../ports/messages.ts';
import { writeContent } from './content-column.ts';
import type { Database } from './database.ts';
import { outboxMessageOf, outboxStatements, type OutboxRow } from './outbox-statements.ts';
import { applied } from './outbox-told.ts';
import { createReplyTurns, type ReplyTurns } from './reply-turns.ts';

function store(sql: ReturnType<typeof outboxStatements>, message: OutboxMessage): void {
  const { id, state, attempts, nextAttemptAt, updatedAt, taskId, reply, reason, detail } = message;
  const { hold, holdUntil, peerHold, isReleased, offeredAt } = message;
  sql.update.run({
    ...{ id, state, attempts, nextAttemptAt, now: updatedAt, taskId, reply, reason, detail },
    ...{ hold, holdUntil, peerHold, released: Number(isReleased), offeredAt },
  });
}

/** In a transaction of its caller's, or by itself. */
export function insertOutbound(
  { insert }: Pick<ReturnType<typeof outboxStatements>, 'insert'>,
  message: NewOutboxMessage,
): void {
  const { client, ...rest } = message;
  const { content, hold, expiresAt } = rest;
  const waits =
    hold === null ? { state: 'queued', holdUntil: null } : { state: 'held', holdUntil: expiresAt };
  const from = { clientId: client?.id ?? null, clientDigest: client?.digest ?? null };
  insert.run({ ...rest, ...from, content: writeContent(content), ...waits });
}

/** The reply comes into its session with the very write that takes it, or not at all. */
function deliverReply(replyTurns: ReplyTurns, after: OutboxMessage, make: MakeReplyTurn): void {
  const { state, reply, replySession } = after;
  if (state !== 'answered' || reply === null || replySession === null || make === undefined) return;
  replyTurns.add(after, replySession, make(after, reply));
}
type MakeReplyTurn = Parameters<OutboxStore['apply']>[2]['replyTurn'];

export function createOutboxStore(db: Database): OutboxStore {
  const sql = outboxStatements(db);
  const replyTurns = createReplyTurns(db);
  const plain = (rows: readonly OutboxRow[]) => rows.map(outboxMessageOf);
  const found = (id: string): OutboxMessage => {
    const row = sql.find.get({ id });
    if (row !== null) return outboxMessageOf(row);
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
      insertOutbound(sql, message);
      return found(message.id);
    },
    find: (id) => {
      const row = sql.find.get({ id });
      return row === null ? null : outboxMessageOf(row);
    },
    ofClient: (peer, clientId) => {
      const row = sql.ofClient.get({ peer, clientId });
      if (row === null) return null;
      const { clientDigest: digest, ...message } = row;
      return { message: outboxMessageOf(message), digest };
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
    offered: (id, now) => sql.offered.run({ id, now }),
    overdue: (now, limit) => plain(sql.overdue.all({ now, limit })),
    held: (limit) => plain(sql.held.all({ limit })),
    heldByPeer: (limit) => plain(sql.heldByPeer.all({ limit })),
    countHeldByPeer: () => sql.countHeldByPeer.get()?.count ?? 0,
    ofConversation: (conversation, peer, limit) =>
      plain(sql.ofConversation.all({ conversation, peer, limit })).reverse(),
    ofSession: (sessionKey, limit) => plain(sql.ofSession.all({ sessionKey, limit })),
    waiting: (peer) => sql.waiting.get({ peer }) ?? { count: 0, detail: null },
    counts: () => Object.fromEntries(sql.counts.all().map(({ state, count }) => [state, count])),
    apply,
  };
}
