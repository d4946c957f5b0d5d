import { idleReason } from './caller.ts';
import type { DenyReason } from './decision.ts';
import type { PeerName } from './peer.ts';
import type { Policy } from './policy.ts';

/**
 * Why no turn for a message of this peer may begin now; null when one may. A message waits between its acceptance and its
 * turn: what the judge allowed then may be over by now.
 */
export function turnObstacle(name: PeerName, policy: Policy, now: number): DenyReason | null {
  const peer = policy.peers.find((one) => one.name === name);
  return peer === undefined ? 'peer-unknown' : idleReason(peer, policy, Math.max(now, policy.asOf));
}
