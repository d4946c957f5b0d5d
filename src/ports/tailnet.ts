import type { NodeId } from '../core/peer.ts';

export interface TailnetNode {
  readonly nodeId: NodeId;
  /** MagicDNS name without the trailing dot. */
  readonly dnsName: string;
  readonly hostName: string;
  readonly login: string;
  readonly ipv4: string | null;
  /** Connected to the control server; says nothing about reachability. */
  readonly online: boolean;
}

export interface TailnetStatus {
  /** NoState, NeedsLogin, NeedsMachineAuth, Stopped, Starting, Running. */
  readonly backendState: string;
  /** False means userspace networking, where every loopback port of the namespace answers the whole tailnet. */
  readonly tun: boolean;
  readonly version: string;
  /** tailscaled's own complaints, human text. */
  readonly health: readonly string[];
  readonly self: TailnetNode | null;
  /** When the key of our own node ends, and with it every connection; null when it does not, or nobody said. */
  readonly keyExpiresAt: number | null;
  readonly peers: readonly TailnetNode[];
}

/** tailscaled's LocalAPI, read only. Every call may throw AgentPeerError `tailnet-unavailable`. */
export interface Tailnet {
  status(): Promise<TailnetStatus>;
  /** The node behind a remote address; null when tailscaled does not know it. */
  whois(address: string, port: number): Promise<TailnetNode | null>;
}
