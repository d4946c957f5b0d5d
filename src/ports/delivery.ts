import type { AttestedSession } from '../core/attested-session.ts';
import type { RawContent } from '../core/content.ts';
import type { TaskId } from '../core/message.ts';
import type { OutboxEvent } from '../core/outbox.ts';
import type { PeerName } from '../core/peer.ts';
import type { RefusalReason } from '../core/refusal.ts';
import type { ClientMessage, InboxMessage, OutboxMessage } from './messages.ts';

/** What one attempt to hand a message to a peer came to; the sender turns it into an OutboxEvent. */
export interface PeerTransport {
  /**
   * Hands the message over, or asks again for one that was handed over; waits up to `waitMs` for the reply.
   * Never throws for what the network or the peer does.
   */
  deliver(message: OutboxMessage, waitMs: number, signal: AbortSignal): Promise<OutboxEvent>;
}

/** What a peer said to the wish to take a message back. */
export type TaskCancelled =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'refused'; readonly reason: RefusalReason | 'unknown' }
  | { readonly kind: 'unreachable'; readonly detail: string };

export interface TaskCancel {
  /** Asks the peer to give up its task for this message. Never throws for what the network or the peer does. */
  cancel(message: OutboxMessage, taskId: string, signal: AbortSignal): Promise<TaskCancelled>;
}

/** Told when an inbound task changes, so that a waiting peer is answered at once. */
export interface TaskWatch {
  changed(message: InboxMessage): void;
  /** Resolves when the task is over, or with a person, or after `waitMs`. */
  settled(taskId: TaskId, waitMs: number, signal: AbortSignal): Promise<void>;
}

/** What the local agent or owner wants sent. */
export interface Draft {
  readonly peer: string;
  readonly alias: string;
  readonly text: string;
  /** Continues a conversation; a new one when absent. */
  readonly conversation?: string;
  /** A person begins every chain of messages; what an agent wants sent may follow from what it has read. */
  readonly by: 'owner' | 'agent';
  /** The session that it comes from; where it is not known, whatever an agent here read just now may be behind it. */
  readonly session?: AttestedSession;
  /**
   * Put the reply into the session that it comes from; where that is not known, into the one that the owner listed.
   * `where-listed`: into that one if there is one.
   */
  readonly replyToSession?: boolean | 'where-listed';
  /** A plain message when absent. */
  readonly content?: RawContent;
  /** What a client that may ask again calls it. */
  readonly client?: ClientMessage;
  /** How long it is offered to a peer that does not take it, milliseconds; as the stack is configured when absent. */
  readonly ttlMs?: number;
}

/** A message that was stored. */
export interface Submitted extends OutboxMessage {
  /** What its writer, or its owner, may want to know of it; it goes all the same. */
  readonly warnings: readonly string[];
}

export interface Messages {
  /** Stores it in the outbox and wakes the sender. Throws AgentPeerError with what is wrong with the draft. */
  submit(draft: Draft): Submitted;
  find(id: string): OutboxMessage | null;
  list(limit: number): readonly OutboxMessage[];
  /** The message when it is final, or as it is after `waitMs`. Throws AgentPeerError `message-not-found`. */
  settled(id: string, waitMs: number, signal: AbortSignal): Promise<OutboxMessage>;
}

/** What the owner does with messages that wait. */
export interface MessageControl {
  /**
   * Tries everything that waits for these peers now, whatever they asked us to wait; answers for whom something waits.
   * Throws AgentPeerError `peer-not-found`, `message-not-found`, `message-not-waiting`.
   */
  retry(which: { readonly peer?: string; readonly id?: string }): readonly PeerName[];
  /**
   * Takes a message back: here while the peer has not taken it, at the peer while its agent has not seen it. Throws
   * AgentPeerError `message-not-found`, `message-not-cancelled`, `peer-unreachable`; then it stands as it stood.
   */
  cancel(id: string, signal: AbortSignal): Promise<OutboxMessage>;
}
