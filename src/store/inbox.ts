import type { Alias } from '../core/alias.ts';
import { CLOCK_TOLERANCE_MS } from '../core/decide.ts';
import type { Usage } from '../core/facts.ts';
import { nextInbox, stepOf, type InboxEvent, type TurnOutcome, type TurnTrace } from '../core/inbox.ts';
import type { TaskId } from '../core/message.ts';
import type { PeerName } from '../core/peer.ts';
import { SENDS_WINDOW_MS } from '../core/policy.ts';
import { AgentPeerError } from '../errors.ts';
import type {
  Acceptance,
  InboxMessage,
  InboxMoved,
  InboxStore,
  MakeSendBack,
  NewInboxMessage,
} from '../ports/messages.ts';
import { writeContent } from './content-column.ts';
import type { Database } from './database.ts';
import { inboxMessageOf, inboxStatements, type InboxRow } from './inbox-statements.ts';
import { createSentBack, type SentBack } from './sent-back.ts';

type Statements = ReturnType<typeof inboxStatements>;

function acceptWith(sql: Statements, message: NewInboxMessage): Acceptance {
  const { peer, messageId, contentDigest, taskId, content, hold } = message;
  const twin = sql.twin.get({ peer, messageId });
  if (twin !== null) {
    return twin.contentDigest === contentDigest
      ? { kind: 'repeated', message: inboxMessageOf(twin) }
      : { kind: 'reused' };
  }
  const waiting = hold === null ? ({ state: 'accepted', holdUntil: null } as const) : heldOf(message);
  sql.insert.run({ ...message, content: writeContent(content), ...waiting });
  const added = sql.find.get({ taskId });
  if (added === null) throw missing(taskId);
  return { kind: 'new', message: inboxMessageOf(added) };
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

function replyWaits(state: InboxMessage['state'], event: InboxEvent) {
  if (state !== 'reply-held' || !('hold' in event) || event.hold === null) return {};
  return { hold: event.hold.reason, holdUntil: event.hold.until };
}

function applyWith(
  sql: Statements,
  taskId: TaskId,
  event: InboxEvent,
  now: number,
): Omit<InboxMoved, 'sentBack'> & { readonly isMoved: boolean } {
  const row = sql.find.get({ taskId });
  if (row === null) throw missing(taskId);
  const before = inboxMessageOf(row);
  const move = nextInbox(before.state, event);
  if (move === null) return { message: before, step: stepOf(before.state), isMoved: false };
  const { state, step } = move;
  const message: InboxMessage = {
    ...before,
    ...toldBy(before, event),
    state,
    updatedAt: now,
    ...replyWaits(state, event),
    isReleased: before.isReleased || event.kind === 'approved',
  };
  const { reply, detail, note, hold, holdUntil, isReleased } = message;
  sql.update.run({ taskId, state, reply, detail, note, hold, holdUntil, released: Number(isReleased), now });
  return { message, step, isMoved: true };
}

/** With the very write that makes it a reply, or not at all. */
function applyAndSendBack(
  sql: Statements,
  outbox: SentBack,
  [taskId, event, now]: readonly [TaskId, InboxEvent, number],
  make: MakeSendBack | undefined,
): InboxMoved {
  const { isMoved, ...moved } = applyWith(sql, taskId, event, now);
  const sentBack = isMoved && make !== undefined ? outbox.add(moved.message, make) : null;
  return { ...moved, sentBack };
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
  const sql = inboxStatements(db);
  const outbox = createSentBack(db);
  const one = (row: InboxRow | null) => (row === null ? null : inboxMessageOf(row));
  const plain = (rows: readonly InboxRow[]) => rows.map(inboxMessageOf);
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
    ofSession: (sessionKey, limit) => plain(sql.ofSession.all({ sessionKey, limit })),
    counts: () => Object.fromEntries(sql.counts.all().map(({ state, count }) => [state, count])),
    fetched: (taskId, now) => sql.fetched.run({ taskId, now }),
    apply: (taskId, event, now, sendBack) =>
      db.transaction(() => applyAndSendBack(sql, outbox, [taskId, event, now], sendBack)),
  };
}
