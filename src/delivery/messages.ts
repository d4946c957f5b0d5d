import { parseAlias, type Alias } from '../core/alias.ts';
import { parseConversationId, parseText, type ConversationId, type MessageId } from '../core/message.ts';
import { isFinalOutboxState } from '../core/outbox.ts';
import type { Parsed } from '../core/parsed.ts';
import { parsePeerName, type PeerName } from '../core/peer.ts';
import { AgentPeerError, fromProblem, type ErrorCode } from '../errors.ts';
import type {
  Clock,
  Draft,
  Messages,
  NewOutboxMessage,
  OutboxMessage,
  OutboxStore,
  PeerStore,
  Random,
} from '../ports.ts';
import type { DeliveryLimits } from './limits.ts';
import { createWaiters } from './waiting.ts';

export interface MessagesParts {
  readonly outbox: Pick<OutboxStore, 'add' | 'find' | 'list'>;
  readonly peers: Pick<PeerStore, 'findPeer' | 'outboundToken'>;
  /** Tells the sender that there is something for this peer. */
  readonly wake: (peer: PeerName) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Pick<DeliveryLimits, 'ttlMs'>;
}

function must<T>(code: ErrorCode, result: Parsed<T>): T {
  if (result.ok) return result.value;
  throw fromProblem(code, result.problem);
}

/** The peer that a draft is for, which must be one that we can reach at all. */
function reachable(peers: MessagesParts['peers'], raw: string): PeerName {
  const name = must('peer-not-found', parsePeerName(raw));
  const peer = peers.findPeer(name);
  const list = '`agent-peer peers list` shows them all';
  if (peer === null) throw new AgentPeerError('peer-not-found', `no peer is called "${name}"`, list);
  if (peer.state === 'revoked')
    throw new AgentPeerError('peer-not-found', `peer "${name}" was revoked`, list);
  if (peers.outboundToken(name) !== null) return name;
  const fix = `Ask the owner of "${name}" for the token made for you, then: agent-peer peers token ${name}`;
  throw new AgentPeerError(
    'peer-token-missing',
    `no token of "${name}" is stored, so it would refuse us`,
    fix,
  );
}

interface CheckedDraft {
  readonly alias: Alias;
  readonly text: string;
  readonly conversation: ConversationId | null;
}

function check({ alias, text, conversation }: Draft): CheckedDraft {
  return {
    alias: must('alias-invalid', parseAlias(alias)),
    text: must('message-invalid', parseText(text)),
    conversation:
      conversation === undefined
        ? null
        : must('message-invalid', parseConversationId(conversation, 'conversation')),
  };
}

function found(outbox: MessagesParts['outbox'], id: string): OutboxMessage {
  const message = outbox.find(id);
  if (message !== null) return message;
  throw new AgentPeerError(
    'message-not-found',
    `no message has the id "${id}"`,
    '`agent-peer messages` lists them',
  );
}

/** The local side of the outbox. A person or an agent on this machine starts every chain, so its messages have hop 0. */
export function createMessages(parts: MessagesParts): Messages & { changed(message: OutboxMessage): void } {
  const { outbox, peers, wake, clock, random, limits } = parts;
  const waiters = createWaiters<MessageId>();
  const newMessage = (peer: PeerName, { alias, text, conversation }: CheckedDraft): NewOutboxMessage => {
    const createdAt = clock.now();
    return {
      id: random.uuid() as MessageId,
      peer,
      alias,
      conversation: conversation ?? (random.uuid() as ConversationId),
      text,
      hop: 0,
      createdAt,
      expiresAt: createdAt + limits.ttlMs,
    };
  };
  return {
    submit: (draft) => {
      const peer = reachable(peers, draft.peer);
      const stored = outbox.add(newMessage(peer, check(draft)));
      wake(peer);
      return stored;
    },
    find: (id) => outbox.find(id),
    list: (limit) => outbox.list(limit),
    settled: async (id, waitMs, signal) => {
      const message = found(outbox, id);
      if (isFinalOutboxState(message.state)) return message;
      await waiters.wait(message.id, waitMs, signal);
      return found(outbox, id);
    },
    changed: (message) => {
      if (isFinalOutboxState(message.state)) waiters.release(message.id);
    },
  };
}
