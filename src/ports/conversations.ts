import type { ConversationId } from '../core/message.ts';
import type { InboxMessage, OutboxMessage } from './messages.ts';

/** What was said in one conversation, each direction oldest first. */
export interface Conversation {
  readonly id: ConversationId;
  readonly outbound: readonly OutboxMessage[];
  readonly inbound: readonly InboxMessage[];
  /** False when there is more than is ever told at once: then it is the newest. */
  readonly isWhole: boolean;
}

export interface Conversations {
  /**
   * With one peer, or with all that have one under this id. Throws AgentPeerError `message-not-found` when nothing was said
   * in it, and what is wrong with the names.
   */
  find(id: string, peer?: string): Conversation;
}
