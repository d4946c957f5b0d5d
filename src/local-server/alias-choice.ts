import { DEFAULT_ALIAS } from '../core/alias.ts';
import { aliasMeant, openOutbound } from '../core/open-outbound.ts';
import { AgentPeerError } from '../errors.ts';
import type { Clock } from '../ports/machine.ts';
import type { PeerStore } from '../ports/policy-store.ts';

/** Names the alias that a message to this peer goes to, which names none. Throws AgentPeerError `input-invalid`. */
export type AliasChoice = (peer: string) => string;

/** Whether the message may go there, and whether there is such a peer, is for the judge to say. */
export function createAliasChoice({
  peers,
  clock,
}: {
  readonly peers: Pick<PeerStore, 'policy'>;
  readonly clock: Clock;
}): AliasChoice {
  return (name) => {
    const policy = peers.policy();
    const peer = policy.peers.find((one) => one.name === name);
    if (peer === undefined) return DEFAULT_ALIAS;
    const now = clock.now();
    const meant = aliasMeant(policy, peer, now);
    if (meant !== null) return meant;
    const fix = `Name one of: ${openOutbound(policy, peer, now)
      .map(({ alias }) => alias)
      .join(', ')}`;
    throw new AgentPeerError('input-invalid', `alias: "${name}" has more than one`, fix);
  };
}
