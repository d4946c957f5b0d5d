import type { Alias } from '../core/alias.ts';
import type { NodeId } from '../core/peer.ts';

/** Where a stack is and how to write to it, for the owner of another one. Nothing in it is secret. */
export interface PeerConfig {
  /** Counts incompatible changes. */
  readonly format: 1;
  /** What its owner calls it. */
  readonly name: string;
  /** By all that its tailnet calls it. */
  readonly node: { readonly nodeId: NodeId; readonly dnsName: string; readonly ipv4: string };
  readonly port: number;
  /** What the reader's stack may write to there. */
  readonly aliases: readonly { readonly alias: Alias; readonly url: string }[];
}

export interface PeerConfigs {
  /** Of this stack, with the aliases that the peer has here. Throws AgentPeerError `peer-not-found`. */
  own(peer?: string): Promise<PeerConfig>;
  /**
   * Throws AgentPeerError `node-not-found` for a node that is not on the tailnet, and `input-invalid` when the name or the
   * address is not that node's, or it cannot be reached by its port.
   */
  check(said: Pick<PeerConfig, 'node' | 'port'>): Promise<void>;
}
