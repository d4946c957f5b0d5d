import { chainHop, guard } from '../core/guard.ts';
import type { HoldReason } from '../core/hold.ts';
import type { MessageId, TaskId } from '../core/message.ts';
import type { PeerName } from '../core/peer.ts';
import { AgentPeerError } from '../errors.ts';
import type { GuardCounts } from '../ports/guard.ts';
import type { Clock, Digests, Random } from '../ports/machine.ts';
import type { NewReplyTurn, OutboxMessage } from '../ports/messages.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import { cutText } from './cut-text.ts';
import type { DeliveryLimits } from './limits.ts';

export interface ReplyTurnParts {
  readonly guard: Pick<GuardCounts, 'load'>;
  readonly peers: Pick<PeerStore, 'policy'>;
  readonly turnKey: (peer: PeerName, messageId: MessageId) => string;
  readonly digests: Pick<Digests, 'text'>;
  readonly random: Random;
  readonly clock: Clock;
  readonly limits: Pick<DeliveryLimits, 'ttlMs'>;
}

/** What becomes of a reply that goes into a local session. */
export type MakeReplyTurn = (message: OutboxMessage, reply: string) => NewReplyTurn;

export function createReplyTurn(parts: ReplyTurnParts): MakeReplyTurn {
  const { peers, turnKey, digests, random, clock, limits } = parts;
  const holdFor = (message: OutboxMessage): HoldReason | null => {
    try {
      const load = parts.guard.load(message.peer, message.conversation, clock.now());
      return guard({ hop: chainHop(message) + 1, ...load }, peers.policy().limits.budgets);
    } catch (error) {
      // Without a policy nothing goes on by itself.
      if (error instanceof AgentPeerError) return 'grant';
      throw error;
    }
  };
  return (message, reply) => {
    const messageId = `reply/${message.id}` as MessageId;
    return {
      taskId: random.uuid() as TaskId,
      messageId,
      text: cutText(reply, `the owner reads the rest with agent-peer messages show ${message.id}`),
      contentDigest: digests.text(reply),
      hold: holdFor(message),
      expiresAt: clock.now() + limits.ttlMs,
      turnKey: turnKey(message.peer, messageId),
    };
  };
}
