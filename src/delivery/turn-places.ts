import type { PeerName } from '../core/peer.ts';
import type { InboxMessage } from '../ports/messages.ts';
import type { DeliveryLimits } from './limits.ts';

/** Who may have a turn of the local agent next: so many at once in all, so many for one peer. */
export interface TurnPlaces {
  /**
   * Which of these to begin, the oldest first; null when none may. What runs in the gateway already comes before
   * all: it takes a place whether or not there is one.
   */
  next(heads: readonly InboxMessage[]): InboxMessage | null;
  take(peer: PeerName): void;
  giveBack(peer: PeerName): void;
}

export function createTurnPlaces({
  turnsAtOnce,
  turnsPerPeer,
}: Pick<DeliveryLimits, 'turnsAtOnce' | 'turnsPerPeer'>): TurnPlaces {
  const running = new Map<PeerName, number>();
  /** Peers in the order of their last turn. */
  const served = new Set<PeerName>();
  let total = 0;
  const runs = (peer: PeerName): number => running.get(peer) ?? 0;

  /** The peer with the fewest turns, of these the one whose last is longest ago: a long queue keeps nobody out. */
  const fairest = (heads: readonly InboxMessage[]): InboxMessage | null => {
    const order = [...served];
    const rank = ({ peer }: InboxMessage) => [runs(peer), order.indexOf(peer)] as const;
    return heads.reduce<InboxMessage | null>((best, head) => {
      if (best === null) return head;
      const [[turns, last], [fewest, longest]] = [rank(head), rank(best)];
      return turns < fewest || (turns === fewest && last < longest) ? head : best;
    }, null);
  };

  return {
    next: (heads) => {
      const begun = heads.find(({ state }) => state === 'running');
      if (begun !== undefined) return begun;
      if (total >= turnsAtOnce) return null;
      return fairest(heads.filter(({ peer }) => runs(peer) < turnsPerPeer));
    },
    take: (peer) => {
      running.set(peer, runs(peer) + 1);
      served.delete(peer);
      served.add(peer);
      total += 1;
    },
    giveBack: (peer) => {
      running.set(peer, runs(peer) - 1);
      total -= 1;
    },
  };
}
