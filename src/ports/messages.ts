import type { Alias } from '../core/alias.ts';
import type { Usage } from '../core/facts.ts';
import type { InboxState } from '../core/inbox.ts';
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
  readonly hop: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number;
  readonly state: OutboxState;
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
}

/** A peer's message to us. `(peer, messageId)` is unique for ever. */
export interface InboxMessage {
  readonly taskId: TaskId;
  readonly peer: PeerName;
  readonly messageId: MessageId;
  /** SHA-256 of alias, conversation and text: tells a repeated request from a reused id. */
  readonly contentDigest: string;
  readonly alias: Alias;
  readonly sessionKey: SessionKey;
  readonly conversation: ConversationId;
  readonly text: string;
  readonly hop: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number;
  readonly state: InboxState;
  readonly turnKey: string;
  readonly reply: string | null;
  readonly detail: string | null;
}

export type NewOutboxMessage = Pick<
  OutboxMessage,
  'id' | 'peer' | 'alias' | 'conversation' | 'text' | 'hop' | 'createdAt' | 'expiresAt'
>;
export type NewInboxMessage = Omit<InboxMessage, 'updatedAt' | 'state' | 'reply' | 'detail'>;

export interface OutboxStore {
  /** On disk when it returns. */
  add(message: NewOutboxMessage): OutboxMessage;
  find(id: string): OutboxMessage | null;
  /** Newest first. */
  list(limit: number): readonly OutboxMessage[];
  /** Queued and expired, or due at `now` and the first queued one of its conversation; the longest due first. */
  toHandOver(peer: PeerName, now: number, limit: number): readonly OutboxMessage[];
  /** Accepted and due at `now`, the one that was asked for longest ago first. */
  toAskFor(peer: PeerName, now: number, limit: number): readonly OutboxMessage[];
  /** The earliest instant after `now` at which `toHandOver` or `toAskFor` may have more; null when there is none. */
  nextDueAt(peer: PeerName, now: number): number | null;
  /** Makes every message of this peer that waits for its next attempt due at `now`. */
  hurry(peer: PeerName, now: number): void;
  /** How many messages are in each state; states without any are left out. */
  counts(): Readonly<Partial<Record<OutboxState, number>>>;
  /** Applies `nextOutboxState` and counts the attempt, in one transaction. */
  apply(
    id: MessageId,
    event: OutboxEvent,
    at: { readonly now: number; readonly nextAttemptAt: number },
  ): OutboxMessage;
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
  /** `cancelled` if the gateway cannot have seen it yet, else as it is. */
  cancel(taskId: TaskId, now: number): InboxMessage;
  /** Among all peers' tasks: for this stack's own parts, never for an id that a peer sent. */
  find(taskId: TaskId): InboxMessage | null;
  /** Not final, oldest first. */
  open(): readonly InboxMessage[];
  /** The oldest one of each session that is not final, oldest first: the first `ofPeer` of each peer, and all that run. */
  heads(ofPeer: number): readonly InboxMessage[];
  /** Still `accepted` when its time was over, oldest first. */
  overdue(now: number, limit: number): readonly InboxMessage[];
  list(limit: number): readonly InboxMessage[];
  /** How many messages are in each state; states without any are left out. */
  counts(): Readonly<Partial<Record<InboxState, number>>>;
  move(
    taskId: TaskId,
    to: {
      readonly state: InboxState;
      readonly reply?: string | null;
      readonly detail?: string | null;
      readonly now: number;
    },
  ): InboxMessage;
}
