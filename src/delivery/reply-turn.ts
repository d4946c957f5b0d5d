import { chainHop, guard } from '../core/guard.ts';
import type { HoldReason } from '../core/hold.ts';
import { TEXT_LIMIT_BYTES, type MessageId, type TaskId } from '../core/message.ts';
import type { PeerName } from '../core/peer.ts';
import { AgentPeerError } from '../errors.ts';
import type { GuardCounts } from '../ports/guard.ts';
import type { Clock, Digests, Random } from '../ports/machine.ts';
import type { NewReplyTurn, OutboxMessage } from '../ports/messages.ts';
import type { PeerStore } from '../ports/policy-store.ts';
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

/** As much of a text as a session is given, in whole characters. */
function cut(text: string, id: MessageId): string {
  if (Buffer.byteLength(text) <= TEXT_LIMIT_BYTES) return text;
  const note = `\n[cut here: the owner reads the rest with agent-peer messages show ${id}]`;
  const room = TEXT_LIMIT_BYTES - Buffer.byteLength(note);
  return (
    new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, room)).replace(/\uFFFD$/u, '') + note
  );
}

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
      text: cut(reply, message.id),
      contentDigest: digests.text(reply),
      hold: holdFor(message),
      expiresAt: clock.now() + limits.ttlMs,
      turnKey: turnKey(message.peer, messageId),
    };
  };
}
