import { parseConversationId, type ConversationId } from '../core/message.ts';
import { parsePeerName } from '../core/peer.ts';
import { AgentPeerError, must } from '../errors.ts';
import type { Conversations } from '../ports/conversations.ts';
import type { InboxStore, OutboxStore } from '../ports/messages.ts';

export interface ConversationsParts {
  readonly outbox: Pick<OutboxStore, 'ofConversation'>;
  readonly inbox: Pick<InboxStore, 'ofConversation'>;
}

/** Of each direction. */
const AT_ONCE = 1000;

function notFound(id: ConversationId, peer: string | undefined): AgentPeerError {
  const what = `there is no message of conversation ${id}${peer === undefined ? '' : ` with "${peer}"`}`;
  return new AgentPeerError(
    'message-not-found',
    what,
    '`agent-peer messages --json` tells the conversations',
  );
}

export function createConversations({ outbox, inbox }: ConversationsParts): Conversations {
  return {
    find: (raw, peer) => {
      const id = must('input-invalid', parseConversationId(raw, 'conversation'));
      const whose = peer === undefined ? null : must('peer-not-found', parsePeerName(peer));
      const outbound = outbox.ofConversation(id, whose, AT_ONCE);
      const inbound = inbox.ofConversation(id, whose, AT_ONCE);
      if (outbound.length + inbound.length === 0) throw notFound(id, peer);
      const isWhole = outbound.length < AT_ONCE && inbound.length < AT_ONCE;
      return { id, outbound, inbound, isWhole };
    },
  };
}
