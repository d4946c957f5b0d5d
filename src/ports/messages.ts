import type { Alias } from '../core/alias.ts';
import type { Content } from '../core/content.ts';
import type { Usage } from '../core/facts.ts';
import type { HoldReason } from '../core/hold.ts';
import type { InboxEvent, InboxState, InboxStep } from '../core/inbox.ts';
import type { ConversationId, MessageId, TaskId } from '../core/message.ts';
import type { OutboxEvent, OutboxState } from '../core/outbox.ts';
import type { PeerName } from '../core/peer.ts';
import type { SessionKey } from '../core/session-key.ts';

/** A message of ours to a peer. */
export interface OutboxMessage {
  readonly id: MessageId;
  readonly peer: PeerName;
  readonly alias: Alias;
  readonly conversation: ConversationId;
  readonly text: string;
  readonly content: Content;
  readonly hop: number;
  /** The local session that the reply is put into as a message; null for none. */
  readonly replySession: SessionKey | null;
  /** The peer's message, by its task here, whose reply this is; null for a message that somebody here wanted sent. */
  readonly inReplyTo: TaskId | null;
  /**
   * When the attempt began that may have brought it to a peer which cannot tell a repetition from a new message; null when
   * none is under way. One that is found like this after a restart must not be offered again.
   */
  readonly offeredAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number;
  readonly state: OutboxState;
  /** Why a person here has to look at it, or had to; null when nobody had to. */
  readonly hold: HoldReason | null;
  /** When what waits for a person is over. */
  readonly holdUntil: number | null;
  /** Why a person at the peer has to look at it, or at its reply, now. */
  readonly peerHold: HoldReason | 'reply' | null;
  /** A person here let it go on: its chain begins anew with it. */
  readonly isReleased: boolean;
  /** Attempts that ended, well or not. */
  readonly attempts: number;
  /** Not tried before this instant. */
  readonly nextAttemptAt: number;
  /** The peer's task for it, once there is a receipt. */
  readonly taskId: string | null;
  /** Text of the reply; null until there is one, and for a silent answer. */
  readonly reply: string | null;
  /** Refusal reason, when refused. */
  readonly reason: string | null;
  /** What the last attempt said, for people. */
  readonly detail: string | null;
  /** When what was said was erased, for its age or for want of room; its texts are empty since. */
  readonly erasedAt: number | null;
}

/** `peer`: a peer wrote it. `reply`: what a peer answered to a message of ours, on its way into a local session. */
export type Origin = 'peer' | 'reply';

/** A peer's message to us, or its reply. `(peer, messageId)` is unique. */
export interface InboxMessage {
  readonly taskId: TaskId;
  readonly origin: Origin;
  readonly peer: PeerName;
  readonly messageId: MessageId;
  /** SHA-256 of alias, conversation and text: tells a repeated request from a reused id. */
  readonly contentDigest: string;
  readonly alias: Alias;
  readonly sessionKey: SessionKey;
  readonly conversation: ConversationId;
  readonly text: string;
  readonly content: Content;
  readonly hop: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number;
  readonly state: InboxState;
  /** Why a person has to look at it, or had to; null when nobody had to. */
  readonly hold: HoldReason | null;
  /** When what waits for a person is over. */
  readonly holdUntil: number | null;
  /** A person here let it go on: its chain begins anew with it. */
  readonly isReleased: boolean;
  readonly turnKey: string;
  readonly reply: string | null;
  readonly detail: string | null;
  /** What the person who refused it says to its sender. */
  readonly note: string | null;
  /** As in the outbox. A reply that is empty since is not the silence of an agent that sent none. */
  readonly erasedAt: number | null;
}

/** What a local client that speaks A2A calls a message of its own, and what it said under that id. */
export interface ClientMessage {
  readonly id: MessageId;
  /** SHA-256 of alias, conversation and text, as in the inbox. */
  readonly digest: string;
}

/** With a `hold` it waits for a person first. */
export type NewOutboxMessage = Pick<
  OutboxMessage,
  | 'id'
  | 'peer'
  | 'alias'
  | 'conversation'
  | 'text'
  | 'content'
  | 'hop'
  | 'replySession'
  | 'inReplyTo'
  | 'hold'
  | 'createdAt'
  | 'expiresAt'
> & { readonly client?: ClientMessage };
/** With a `hold` it waits for a person first. */
export type NewInboxMessage = Omit<
  InboxMessage,
  'origin' | 'updatedAt' | 'state' | 'holdUntil' | 'isReleased' | 'reply' | 'detail' | 'note' | 'erasedAt'
>;
/**
 * A reply on its way into a local session, stored in the transaction that takes it. Its message id is none that a peer can
 * choose.
 */
export type NewReplyTurn = Pick<
  InboxMessage,
  'taskId' | 'messageId' | 'text' | 'contentDigest' | 'hold' | 'expiresAt' | 'turnKey'
>;

export interface InboxMoved {
  readonly message: InboxMessage;
  readonly step: InboxStep;
  /** The message by which its reply goes back, when this event has put one into the outbox. */
  readonly sentBack: OutboxMessage | null;
}

/** Makes the message by which this reply goes back to a peer that does not ask for it; null when none is to go. */
export type MakeSendBack = (message: InboxMessage, reply: string) => NewOutboxMessage | null;

export interface OutboxStore {
  /** On disk when it returns. */
  add(message: NewOutboxMessage): OutboxMessage;
  find(id: string): OutboxMessage | null;
  /** The message to this peer that a local client gave this id, and the digest of what it said under it. */
  ofClient(
    peer: PeerName,
    clientId: MessageId,
  ): { readonly message: OutboxMessage; readonly digest: string } | null;
  /** Newest first. */
  list(limit: number): readonly OutboxMessage[];
  /**
   * Queued and expired; then those due at `now` that are the first queued ones of their conversations, the longest due
   * first.
   */
  toHandOver(peer: PeerName, now: number, limit: number): readonly OutboxMessage[];
  /** Accepted and due at `now`, the one that was asked for longest ago first. */
  toAskFor(peer: PeerName, now: number, limit: number): readonly OutboxMessage[];
  /** The earliest instant after `now` at which `toHandOver` or `toAskFor` may have more; null when there is none. */
  nextDueAt(peer: PeerName, now: number): number | null;
  /** Makes every message of this peer that waits for its next attempt due at `now`. */
  hurry(peer: PeerName, now: number): void;
  /** It is about to be sent to a peer that cannot tell a repetition. On disk when it returns. */
  offered(id: MessageId, now: number): void;
  /** How many messages are in each state; states without any are left out. */
  counts(): Readonly<Partial<Record<OutboxState, number>>>;
  /** How many messages wait to be handed over to this peer, and what the last attempt said; null when it did not fail. */
  waiting(peer: PeerName): { readonly count: number; readonly detail: string | null };
  /** Applies `nextOutboxState` and counts the attempt, in one transaction. */
  apply(
    id: MessageId,
    event: OutboxEvent,
    at: {
      readonly now: number;
      readonly nextAttemptAt: number;
      /** Makes the row that brings a reply into the local session that the message names. */
      readonly replyTurn?: (message: OutboxMessage, reply: string) => NewReplyTurn;
    },
  ): OutboxMessage;
  /** Of those that wait for a person, oldest first. */
  held(limit: number): readonly OutboxMessage[];
  /** Of those that wait for a person at the peer, oldest first. */
  heldByPeer(limit: number): readonly OutboxMessage[];
  countHeldByPeer(): number;
  /** The newest of one conversation with this peer, or with any, oldest first. */
  ofConversation(
    conversation: ConversationId,
    peer: PeerName | null,
    limit: number,
  ): readonly OutboxMessage[];
  /** Of these, whose time was over; oldest first. */
  overdue(now: number, limit: number): readonly OutboxMessage[];
  /** Those lately sent whose replies go into this session, newest first. */
  ofSession(sessionKey: SessionKey, limit: number): readonly OutboxMessage[];
}

export type Acceptance =
  | { readonly kind: 'new'; readonly message: InboxMessage }
  /** The same id with the same content: the task it already has. */
  | { readonly kind: 'repeated'; readonly message: InboxMessage }
  /** The same id with other content. */
  | { readonly kind: 'reused' };

export interface InboxStore {
  /** On disk when it returns. Throws AgentPeerError `storage-unavailable` and then nothing was accepted. */
  accept(message: NewInboxMessage): Acceptance;
  /** Only among this peer's own. */
  findTask(peer: PeerName, taskId: string): InboxMessage | null;
  /** The message that this peer sent under this id. */
  findMessage(peer: PeerName, messageId: MessageId): InboxMessage | null;
  /** Messages accepted in the minute before `now`. Counted on disk, so that a restart gives no new allowance. */
  usage(peer: PeerName, alias: Alias, now: number): Usage;
  /** Among all peers' tasks: for this stack's own parts, never for an id that a peer sent. */
  find(taskId: TaskId): InboxMessage | null;
  /** Not final, oldest first. */
  open(): readonly InboxMessage[];
  /** Peers that have messages which were not begun. */
  waitingPeers(): readonly PeerName[];
  /**
   * The oldest one of each session that is not final, oldest first: the first `ofPeer` of each peer, and all that run. What
   * was not begun of a `resting` peer stands in nobody's way.
   */
  heads(ofPeer: number, resting: readonly PeerName[]): readonly InboxMessage[];
  /** Not begun, or held, when its time was over; oldest first. */
  overdue(now: number, limit: number): readonly InboxMessage[];
  list(limit: number): readonly InboxMessage[];
  /** How many messages are in each state; states without any are left out. */
  counts(): Readonly<Partial<Record<InboxState, number>>>;
  /** Its sender was told how it ended; only the first time counts. */
  fetched(taskId: TaskId, now: number): void;
  /** Applies `nextInbox`, in one transaction, which also puts what `sendBack` makes of a reply into the outbox. */
  apply(taskId: TaskId, event: InboxEvent, now: number, sendBack?: MakeSendBack): InboxMoved;
  /** Of those that wait for a person, oldest first. */
  held(limit: number): readonly InboxMessage[];
  /** What peers wrote in one conversation, the newest of it, oldest first; of this peer, or of any. */
  ofConversation(conversation: ConversationId, peer: PeerName | null, limit: number): readonly InboxMessage[];
  /**
   * What peers wrote lately into this session and it was handed, newest first. Not what waits for a person, nor what a
   * person refused, and no replies: they stand with the messages that they answer.
   */
  ofSession(sessionKey: SessionKey, limit: number): readonly InboxMessage[];
}
