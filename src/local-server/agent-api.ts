import { openOutbound, outboundObstacle } from '../core/open-outbound.ts';
import type { Peer } from '../core/peer.ts';
import type { Policy } from '../core/policy.ts';
import type { AgentApi, AgentPeer } from '../ports/agent-api.ts';
import type { Messages } from '../ports/delivery.ts';
import type { Clock } from '../ports/machine.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import type { AliasChoice } from './alias-choice.ts';
import { agentsPeerView } from './peer-views.ts';
import { messageView } from './views.ts';

export interface AgentApiParts {
  readonly messages: Pick<Messages, 'submit' | 'settled'>;
  readonly peers: Pick<PeerStore, 'policy' | 'outboundToken'>;
  readonly clock: Clock;
  readonly aliasFor: AliasChoice;
}

function peersFor({ peers, clock }: AgentApiParts): readonly AgentPeer[] {
  const policy: Policy = peers.policy();
  const now = clock.now();
  const viewOf = (peer: Peer) => {
    const hasOutboundToken = peers.outboundToken(peer.name) !== null;
    const obstacle = outboundObstacle(policy, peer, hasOutboundToken, now);
    return agentsPeerView({ ...peer, hasOutboundToken }, openOutbound(policy, peer, now), obstacle);
  };
  return policy.peers.map(viewOf);
}

/** What an agent may do, in the proxy itself. Whoever comes this way is an agent, whatever token they have. */
export function createAgentApi(parts: AgentApiParts): AgentApi {
  const { messages, aliasFor } = parts;
  const settled = async (id: string, waitSeconds: number, signal: AbortSignal) =>
    messageView(await messages.settled(id, waitSeconds * 1000, signal));
  const whenSettled = async (stored: OutboxMessage, waitSeconds: number, signal: AbortSignal) => {
    try {
      return await settled(stored.id, stored.state === 'held' ? 0 : waitSeconds, signal);
    } catch {
      // It is stored, and without its id the model would send it again. Whoever asks for it next hears what is wrong.
      return messageView(stored);
    }
  };
  return {
    peers: () => new Promise((resolve) => resolve(peersFor(parts))),
    send: async ({ alias, ...draft }, waitSeconds, signal) => {
      const to = { alias: alias ?? aliasFor(draft.peer) };
      const { warnings, ...stored } = messages.submit({ ...draft, ...to, by: 'agent' });
      return { ...(await whenSettled(stored, waitSeconds, signal)), warnings };
    },
    show: settled,
  };
}
