import type { NodeId } from '../core/peer.ts';
import type { Tailnet } from '../ports/tailnet.ts';
import { Undelivered } from './undelivered.ts';

/**
 * The IPv4 address that a node has now. Throws Undelivered `peer-node-unknown` and `peer-node-changed`, and AgentPeerError
 * when tailscaled cannot be asked; then nothing may be sent. `port` is where the connection would go.
 */
export type NodeAddress = (nodeId: NodeId, port: number) => Promise<string>;

function unknown(what: string): Undelivered {
  return new Undelivered(`peer-node-unknown: ${what}`);
}

/**
 * A peer is a node and never an address: whose address it is, tailscaled is asked again before each connection, because an
 * address that a node gave up may be another's by now, who would then be handed the message and the token.
 */
export function createNodeAddress(tailnet: Tailnet): NodeAddress {
  const lastKnown = new Map<NodeId, string>();

  const isStillOf = async (nodeId: NodeId, address: string, port: number): Promise<boolean> => {
    const node = await tailnet.whois(address, port);
    if (node === null || node.nodeId === nodeId) return node !== null;
    throw new Undelivered(
      `peer-node-changed: the address of node ${nodeId} belongs to node ${node.nodeId} now; nothing was sent`,
    );
  };
  const now = async (nodeId: NodeId): Promise<string | null> => {
    const { peers } = await tailnet.status();
    return peers.find((node) => node.nodeId === nodeId)?.ipv4 ?? null;
  };

  return async (nodeId, port) => {
    const address = await now(nodeId);
    const before = lastKnown.get(nodeId);
    if (address === null) {
      if (before !== undefined) await isStillOf(nodeId, before, port);
      throw unknown(`node ${nodeId} has no IPv4 address in the tailnet now`);
    }
    if (!(await isStillOf(nodeId, address, port)))
      throw unknown(`nobody has the address of node ${nodeId} now`);
    lastKnown.set(nodeId, address);
    return address;
  };
}
