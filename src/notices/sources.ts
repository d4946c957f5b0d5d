import type { NoticeFacts } from '../core/notice-facts.ts';
import { NOTICE_LIMITS } from '../core/notice.ts';
import type { NodeId } from '../core/peer.ts';
import { AgentPeerError } from '../errors.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { NoticeStore } from '../ports/notices.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import type { Tailnet } from '../ports/tailnet.ts';

export interface NoticeSources {
  readonly store: Pick<NoticeStore, 'messages'>;
  readonly peers: Pick<PeerStore, 'listPeers' | 'listGrants'>;
  readonly tailnet: Pick<Tailnet, 'status'>;
  readonly gateway: Pick<Gateway, 'state'>;
}

interface Net {
  readonly online: ReadonlySet<NodeId>;
  readonly nodeKeyExpiresAt: number | null;
}

async function lookAtTailnet(tailnet: NoticeSources['tailnet'], before: Net): Promise<Net> {
  try {
    const { peers, keyExpiresAt } = await tailnet.status();
    const online = new Set(peers.filter((node) => node.online).map(({ nodeId }) => nodeId));
    return { online, nodeKeyExpiresAt: keyExpiresAt };
  } catch (error) {
    if (!(error instanceof AgentPeerError)) throw error;
    // What cannot be asked has not changed: a notice must not be over, and told anew, for that.
    return before;
  }
}

/** Unpaired is how a stack begins, and how its owner may want it. */
function isAway({ gateway }: NoticeSources): boolean {
  const { kind } = gateway.state();
  return kind === 'connecting' || kind === 'refused';
}

/** Answers what collects all that can need a person. It remembers between two looks what nobody else does. */
export function createFacts(sources: NoticeSources): (now: number) => Promise<NoticeFacts> {
  const { store, peers: peerStore, tailnet } = sources;
  let net: Net = { online: new Set(), nodeKeyExpiresAt: null };
  let gatewayAwaySince: number | null = null;
  return async (now) => {
    net = await lookAtTailnet(tailnet, net);
    gatewayAwaySince = isAway(sources) ? (gatewayAwaySince ?? now) : null;
    const peers = peerStore.listPeers();
    const online = new Set(peers.filter(({ nodeId }) => net.online.has(nodeId)).map(({ name }) => name));
    return {
      ...store.messages(now - NOTICE_LIMITS.endedMs),
      peers,
      grants: peerStore.listGrants(),
      nodeKeyExpiresAt: net.nodeKeyExpiresAt,
      online,
      gatewayAwaySince,
    };
  };
}
