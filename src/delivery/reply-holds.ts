import type { Grant } from '../core/grant.ts';
import { PLAIN } from '../core/content.ts';
import { replyHold, type OwnersReason, type ReplyHold } from '../core/hold.ts';
import type { PeerName } from '../core/peer.ts';
import { secretsIn } from '../core/secret-words.ts';
import { AgentPeerError } from '../errors.ts';
import type { Clock } from '../ports/machine.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import type { DeliveryLimits } from './limits.ts';

export interface ReplyHoldsParts {
  readonly peers: Pick<PeerStore, 'listGrants'>;
  readonly clock: Clock;
  readonly limits: Pick<DeliveryLimits, 'holdMs'>;
}

/** Why a reply to this peer, or of this peer, waits for a person, and until when; null when nobody has to look at it. */
export type ReplyHolds = (peer: PeerName, way: Grant['direction'], reply: string) => ReplyHold | null;

/** By the grants as they are when the reply is there. When they cannot be read, somebody has to look. */
export function createReplyHolds({ peers, clock, limits }: ReplyHoldsParts): ReplyHolds {
  const reasonFor: (...of: Parameters<ReplyHolds>) => OwnersReason | null = (peer, way, reply) => {
    try {
      return replyHold(peers.listGrants(peer), way, secretsIn(reply, PLAIN).length > 0);
    } catch (error) {
      if (error instanceof AgentPeerError) return 'grant';
      throw error;
    }
  };
  return (peer, way, reply) => {
    const reason = reasonFor(peer, way, reply);
    return reason === null ? null : { reason, until: clock.now() + limits.holdMs };
  };
}
