import type { RawContent } from '../core/content.ts';
import type { TaskId } from '../core/message.ts';
import type { OutboxEvent } from '../core/outbox.ts';
import type { InboxMessage, OutboxMessage } from './messages.ts';

/** What one attempt to hand a message to a peer came to; the sender turns it into an OutboxEvent. */
export interface PeerTransport {
  /**
   * Hands the message over, or asks again for one that was handed over; waits up to `waitMs` for the reply.
   * Never throws for what the network or the peer does.
   */
  deliver(message: OutboxMessage, waitMs: number, signal: AbortSignal): Promise<OutboxEvent>;
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
  /** Put the reply into the local session that the owner listed for that; the session itself cannot be named. */
  readonly replyToSession?: boolean;
  /** A plain message when absent. */
  readonly content?: RawContent;
}

export interface Messages {
  /** Stores it in the outbox and wakes the sender. Throws AgentPeerError with what is wrong with the draft. */
  submit(draft: Draft): OutboxMessage;
  find(id: string): OutboxMessage | null;
  list(limit: number): readonly OutboxMessage[];
  /** The message when it is final, or as it is after `waitMs`. Throws AgentPeerError `message-not-found`. */
  settled(id: string, waitMs: number, signal: AbortSignal): Promise<OutboxMessage>;
}
