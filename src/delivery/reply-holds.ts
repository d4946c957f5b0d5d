import type { Grant } from '../core/grant.ts';
import { coversReply } from '../core/hold.ts';
import type { PeerName } from '../core/peer.ts';
import { AgentPeerError } from '../errors.ts';
import type { Clock } from '../ports/machine.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import type { DeliveryLimits } from './limits.ts';

export interface ReplyHoldsParts {
  readonly peers: Pick<PeerStore, 'listGrants'>;
  readonly clock: Clock;
  readonly limits: Pick<DeliveryLimits, 'holdMs'>;
}

/** Until when a reply to this peer, or of this peer, waits for a person; null when nobody has to look at it. */
export type ReplyHolds = (peer: PeerName, way: Grant['direction']) => number | null;

/** By the grants as they are when the reply is there. When they cannot be read, somebody has to look. */
export function createReplyHolds({ peers, clock, limits }: ReplyHoldsParts): ReplyHolds {
  const isHeld = (peer: PeerName, way: Grant['direction']): boolean => {
    try {
      return coversReply(peers.listGrants(peer), way);
    } catch (error) {
      if (error instanceof AgentPeerError) return true;
      throw error;
    }
  };
  return (peer, way) => (isHeld(peer, way) ? clock.now() + limits.holdMs : null);
}
