import { isOver } from './caller.ts';
import type { OutboundGrant } from './grant.ts';
import type { PeerName } from './peer.ts';
import type { Policy } from './policy.ts';

/** The grants under which agents of this machine may write to this peer now, as the judge reads them. */
export function openOutbound(
  { outbound, asOf }: Policy,
  peer: PeerName,
  now: number,
): readonly OutboundGrant[] {
  const at = Math.max(now, asOf);
  return [...(outbound.get(peer)?.values() ?? [])].filter(({ expiresAt }) => !isOver(expiresAt, at));
}
