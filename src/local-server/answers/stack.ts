import { z } from 'zod';
import { OPERATIONS } from '../../core/decision.ts';
import { NOTICE_KINDS } from '../../core/notice.ts';
import { PEER_STATES } from '../../core/peer.ts';
import { heldCounts } from './held.ts';
import { named } from './names.ts';
import { pairing } from './peers.ts';
import { count, counts, instant } from './terms.ts';

export const session = named(
  'Session',
  z.strictObject({
    sessionKey: z.string(),
    agentId: z.string().nullable(),
    kind: z.string(),
    offer: z.enum(['yes', 'special', 'no']),
    usedAt: instant.nullable(),
    offeredTo: z.array(z.strictObject({ peer: z.string(), alias: z.string() })).readonly(),
  }),
);

export const auditLine = named(
  'AuditLine',
  z.strictObject({
    time: z.string(),
    direction: z.enum(['inbound', 'outbound']),
    surface: z.enum(['a2a', 'tools-invoke', 'agent-card', 'health', 'pair', 'socket', 'local']),
    operation: z.enum([...OPERATIONS, 'unknown']),
    allowed: z.boolean(),
    reason: z.string(),
    peer: z.string().nullable(),
    nodeId: z.string().nullable(),
    alias: z.string().nullable(),
    messageId: z.string().nullable(),
    textDigest: z.string().nullable(),
    skipped: count,
  }),
);

export const notice = named(
  'Notice',
  z.strictObject({
    kind: z.enum(NOTICE_KINDS),
    peer: z.string().nullable(),
    text: z.string(),
    createdAt: instant,
    toldAt: instant.nullable(),
    overAt: instant.nullable(),
  }),
);

export const gatewayState = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ready'),
    version: z.string(),
    scopes: z.array(z.string()).readonly(),
  }),
  z.strictObject({ kind: z.literal('unpaired') }),
  z.strictObject({ kind: z.literal('connecting'), detail: z.string() }),
  z.strictObject({ kind: z.literal('refused'), detail: z.string() }),
]);

/** `behind` and `unknown`: nothing is allowed to anybody. */
const clock = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['ok', 'behind']) }),
  z.strictObject({ kind: z.literal('unknown'), detail: z.string() }),
]);

const peerStatus = z.strictObject({
  name: z.string(),
  nodeId: z.string(),
  state: z.enum(PEER_STATES),
  online: z.boolean(),
  expiresAt: instant.nullable(),
  hasOutboundToken: z.boolean(),
  pairing: pairing.nullable(),
  waiting: z.strictObject({ count, detail: z.string().nullable() }),
});

export const status = named(
  'Status',
  z.strictObject({
    version: z.string(),
    node: z.strictObject({ nodeId: z.string(), dnsName: z.string(), ipv4: z.string().nullable() }).nullable(),
    tailnet: z.strictObject({
      backendState: z.string(),
      tun: z.boolean(),
      version: z.string(),
      health: z.array(z.string()).readonly(),
    }),
    gateway: gatewayState,
    clock,
    paused: z.boolean().nullable(),
    peers: z.array(peerStatus).readonly(),
    outbox: counts,
    inbox: counts,
    notices: z.array(notice).readonly(),
    held: heldCounts,
  }),
);

export const pauses = z.strictObject({ paused: z.boolean(), pausedPeers: z.array(z.string()).readonly() });

/** One word about the stack, and one about its gateway. */
export const health = named(
  'Health',
  z.strictObject({
    status: z.string(),
    gateway: z.enum(['ready', 'unpaired', 'connecting', 'refused']),
  }),
);

export const pairingStep = z.discriminatedUnion('step', [
  z.strictObject({
    step: z.literal('approval-needed'),
    requestId: z.string(),
    deviceId: z.string(),
    command: z.string(),
  }),
  z.strictObject({
    step: z.literal('paired'),
    scopes: z.array(z.string()).readonly(),
    excess: z.array(z.string()).readonly(),
    approvedSilently: z.boolean(),
  }),
]);

export const unpaired = z.strictObject({ deviceId: z.string().nullable(), command: z.string().nullable() });
