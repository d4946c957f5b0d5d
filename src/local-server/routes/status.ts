import type { z } from 'zod';
import { AgentPeerError } from '../../errors.ts';
import type { Gateway } from '../../ports/gateway.ts';
import type { Notices } from '../../ports/notices.ts';
import type { Holds } from '../../ports/holds.ts';
import type { OutboxStore } from '../../ports/messages.ts';
import type { Judge, PeerAdmin } from '../../ports/owner.ts';
import type { Invites } from '../../ports/pairing.ts';
import type { Tailnet, TailnetStatus } from '../../ports/tailnet.ts';
import { route, type Route } from '../route.ts';
import { atOrNever } from '../instants.ts';
import { pairingView } from '../peer-views.ts';
import { noticeView } from './notices.ts';
import { status } from '../answers/stack.ts';

export type StatusView = z.infer<typeof status>;

/** Messages by state. */
export interface Counts {
  readonly outbox: Readonly<Record<string, number>>;
  readonly inbox: Readonly<Record<string, number>>;
}

export interface StatusParts {
  readonly version: string;
  readonly tailnet: Tailnet;
  readonly gateway: Pick<Gateway, 'state'>;
  readonly admin: Pick<PeerAdmin, 'list' | 'pauses'>;
  readonly invites: Pick<Invites, 'underWay'>;
  readonly judge: Pick<Judge, 'clock'>;
  readonly notices: Pick<Notices, 'open'>;
  readonly counts: () => Counts;
  readonly holds: Pick<Holds, 'counts'>;
  readonly outbox: Pick<OutboxStore, 'waiting'>;
}

/** Status must answer above all when something is wrong, so a silent tailscaled is shown, not thrown. */
async function tailnetStatus(tailnet: Tailnet): Promise<TailnetStatus> {
  try {
    return await tailnet.status();
  } catch (error) {
    if (!(error instanceof AgentPeerError)) throw error;
    return {
      backendState: 'unavailable',
      tun: false,
      version: '',
      health: [error.line],
      self: null,
      keyExpiresAt: null,
      peers: [],
    };
  }
}

function nodeView({ self }: TailnetStatus) {
  return self === null ? null : { nodeId: self.nodeId, dnsName: self.dnsName, ipv4: self.ipv4 };
}

/** The policy tells the latest instant that was seen, and may be what is wrong. */
function clockView(judge: Pick<Judge, 'clock'>): StatusView['clock'] {
  try {
    return { kind: judge.clock() };
  } catch (error) {
    if (!(error instanceof AgentPeerError)) throw error;
    return { kind: 'unknown', detail: error.line };
  }
}

/** Null where it cannot be read; then nothing goes on either. */
function pausedView(admin: Pick<PeerAdmin, 'pauses'>): boolean | null {
  try {
    return admin.pauses().isPaused;
  } catch (error) {
    if (!(error instanceof AgentPeerError)) throw error;
    return null;
  }
}

async function statusView(parts: StatusParts): Promise<StatusView> {
  const { version, tailnet, gateway, admin, invites, judge, notices, holds, counts, outbox } = parts;
  const net = await tailnetStatus(tailnet);
  const underWay = invites.underWay();
  const online = new Map(net.peers.map((node) => [node.nodeId, node.online]));
  return {
    version,
    node: nodeView(net),
    tailnet: { backendState: net.backendState, tun: net.tun, version: net.version, health: net.health },
    gateway: gateway.state(),
    clock: clockView(judge),
    paused: pausedView(admin),
    peers: admin.list().map(({ name, nodeId, state, expiresAt, hasOutboundToken }) => ({
      name,
      nodeId,
      state,
      online: online.get(nodeId) ?? false,
      expiresAt: atOrNever(expiresAt),
      hasOutboundToken,
      pairing: pairingView(underWay.get(name)),
      waiting: outbox.waiting(name),
    })),
    ...counts(),
    notices: notices.open().map(noticeView),
    held: holds.counts(),
  };
}

export function statusRoutes(parts: StatusParts): readonly Route[] {
  const show = route({
    method: 'GET',
    path: '/api/v1/status',
    roles: ['owner'],
    summary: 'How this stack, its tailnet, its gateway, its peers and its messages are.',
    body: null,
    query: null,
    answers: { 200: status },
    handle: async () => ({ status: 200, body: await statusView(parts) }),
  });
  return [show];
}
