import { isIPv4 } from 'node:net';
import { z } from 'zod';
import { parseNodeId } from '../core/peer.ts';
import type { TailnetNode, TailnetStatus } from '../ports/tailnet.ts';

/** tailscaled declares its JSON changeable: only what is used is named here, and nearly all of it may be missing. */
const Node = z.object({
  ID: z.string(),
  UserID: z.number().nullish(),
  DNSName: z.string().nullish(),
  HostName: z.string().nullish(),
  TailscaleIPs: z.array(z.string()).nullish(),
  Tags: z.array(z.string()).nullish(),
  Online: z.boolean().nullish(),
});
type Node = z.infer<typeof Node>;

const Status = z.object({
  BackendState: z.string(),
  TUN: z.boolean().nullish(),
  Version: z.string().nullish(),
  Health: z.array(z.string()).nullish(),
  Self: Node.extend({ KeyExpiry: z.string().nullish() }).nullish(),
  Peer: z.record(z.string(), Node).nullish(),
  User: z.record(z.string(), z.object({ LoginName: z.string().nullish() })).nullish(),
});
type Users = z.infer<typeof Status>['User'];

const Whois = z.object({
  Node: z.object({
    StableID: z.string(),
    Name: z.string().nullish(),
    Addresses: z.array(z.string()).nullish(),
    Online: z.boolean().nullish(),
    Hostinfo: z.object({ Hostname: z.string().nullish() }).nullish(),
  }),
  UserProfile: z.object({ LoginName: z.string().nullish() }).nullish(),
});

/** What whois calls the owner of a tagged node. */
const TAGGED = 'tagged-devices';

function withoutDot(name: string | null | undefined): string {
  return (name ?? '').replace(/\.$/, '');
}

/** A node without a usable id cannot be a peer, and has no place in the answer. */
function toNode(raw: Node, users: Users): TailnetNode | null {
  const nodeId = parseNodeId(raw.ID);
  if (!nodeId.ok) return null;
  const tagged = (raw.Tags ?? []).length > 0;
  return {
    nodeId: nodeId.value,
    dnsName: withoutDot(raw.DNSName),
    hostName: raw.HostName ?? '',
    login: tagged ? TAGGED : (users?.[String(raw.UserID)]?.LoginName ?? ''),
    ipv4: raw.TailscaleIPs?.find((address) => isIPv4(address)) ?? null,
    online: raw.Online ?? false,
  };
}

/** Go writes the instant that was never set as one of the year 1. */
function toInstant(raw: string | null | undefined): number | null {
  const at = Date.parse(raw ?? '');
  return at > 0 ? at : null;
}

/** Throws ZodError when it is not a status at all. A status that does not say `TUN: true` has no TUN. */
export function readStatus(body: unknown): TailnetStatus {
  const raw = Status.parse(body);
  return {
    backendState: raw.BackendState,
    tun: raw.TUN === true,
    version: raw.Version ?? '',
    health: raw.Health ?? [],
    self: raw.Self ? toNode(raw.Self, raw.User) : null,
    keyExpiresAt: toInstant(raw.Self?.KeyExpiry),
    peers: Object.values(raw.Peer ?? {}).flatMap((peer) => toNode(peer, raw.User) ?? []),
  };
}

/** Throws when it does not name a node: who cannot be named is not let in. */
export function readWhois(body: unknown): TailnetNode {
  const { Node: node, UserProfile: user } = Whois.parse(body);
  const nodeId = parseNodeId(node.StableID, 'StableID');
  if (!nodeId.ok) throw new Error('whois answered a malformed StableID');
  const addresses = (node.Addresses ?? []).map((prefix) => prefix.replace(/\/32$/, ''));
  return {
    nodeId: nodeId.value,
    dnsName: withoutDot(node.Name),
    hostName: node.Hostinfo?.Hostname ?? '',
    login: user?.LoginName ?? '',
    ipv4: addresses.find((address) => isIPv4(address)) ?? null,
    online: node.Online ?? false,
  };
}
