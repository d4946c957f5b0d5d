import { DEFAULT_ALIAS } from '../core/alias.ts';
import { PLAIN } from '../core/content.ts';
import { chainHop } from '../core/guard.ts';
import type { HoldReason } from '../core/hold.ts';
import type { MessageId } from '../core/message.ts';
import type { PeerName } from '../core/peer.ts';
import { stampUuid } from '../core/restore.ts';
import { secretsIn } from '../core/secret-words.ts';
import type { AuditLog } from '../ports/audit.ts';
import type { Clock, Digests, Random } from '../ports/machine.ts';
import type { MakeSendBack, OutboxMessage } from '../ports/messages.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import { cutText } from './cut-text.ts';
import type { DeliveryLimits } from './limits.ts';
import { judgeSubmit, type Judged, type Obstacle } from './obstacle.ts';

export interface SendBackParts {
  readonly peers: Pick<PeerStore, 'findPeer' | 'policy' | 'outboundToken'>;
  readonly audit: AuditLog;
  readonly digests: Pick<Digests, 'text'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Tells the sender that there is something for this peer. */
  readonly wake: (peer: PeerName) => void;
  readonly limits: Pick<DeliveryLimits, 'ttlMs'>;
}

/** What puts replies into the outbox for peers that do not ask for them. */
export interface SendBack {
  readonly make: MakeSendBack;
  /** Told of each that was stored. */
  stored(message: OutboxMessage): void;
}

/** What the owner of this stack has to allow first; all else passes, and the sender says what it waits for. */
const FOR_OWNER = new Set<Obstacle['reason']>(['alias-not-granted', 'grant-expired', 'policy-unavailable']);

function holdOf(judged: Judged, isApproved: boolean): HoldReason | null {
  if (judged.kind === 'permitted') return isApproved ? null : judged.permitted.hold;
  return FOR_OWNER.has(judged.obstacle.reason) ? 'grant' : null;
}

/** An OpenClaw's A2A channel takes what begins with a slash for a command, and rejects it. */
function uncommanded(text: string): string {
  return text.trimStart().startsWith('/') ? `Reply: ${text}` : text;
}

/**
 * Replies for peers that do not ask for them go back as messages of ours, in the conversation of what they answer. The judge
 * is asked as about any message: where it says no, the reply waits for the owner, who sees it among what is held.
 * @param by who lets these replies go: the end of a turn, or a person who has looked at them
 */
export function createSendBack(parts: SendBackParts, by: 'turn' | 'person'): SendBack {
  const { peers, audit, digests, clock, random, limits } = parts;
  const judge = (to: PeerName, text: string) =>
    judgeSubmit(parts, { peer: to, alias: DEFAULT_ALIAS }, secretsIn(text, PLAIN).length > 0);

  const make: MakeSendBack = (message, reply) => {
    const peer = peers.findPeer(message.peer);
    if (peer === null || peer.state === 'revoked' || peer.replies.mode !== 'send-back') return null;
    const now = clock.now();
    return {
      id: stampUuid(random.uuid(), now) as MessageId,
      peer: peer.name,
      alias: DEFAULT_ALIAS,
      conversation: message.conversation,
      text: cutText(uncommanded(reply), 'the reply is longer than a message can be'),
      content: PLAIN,
      hop: chainHop(message) + 1,
      replySession: null,
      inReplyTo: message.taskId,
      hold: holdOf(judge(peer.name, reply), by === 'person'),
      createdAt: now,
      expiresAt: now + limits.ttlMs,
    };
  };
  return {
    make,
    stored: (message) => {
      const { id: messageId, peer, alias, text, hold } = message;
      const judged = judge(peer, text);
      const { allowed, reason } =
        judged.kind === 'permitted'
          ? { allowed: true, reason: hold === null ? 'accepted' : `held-${hold}` }
          : { allowed: false, reason: judged.obstacle.reason };
      audit.record({
        direction: 'outbound',
        surface: 'local',
        operation: 'message-submit',
        ...{ allowed, reason, peer, nodeId: null, alias, messageId },
        textDigest: digests.text(text),
      });
      parts.wake(peer);
    },
  };
}
