import { z } from 'zod';
import { DENY_REASONS } from '../../core/decision.ts';
import { HOLDS } from '../../core/grant.ts';
import { PEER_STATES, REPLY_MODES } from '../../core/peer.ts';
import { named } from './names.ts';
import { eitherGrant, grant, instant } from './terms.ts';

export const peer = named(
  'Peer',
  z.strictObject({
    name: z.string(),
    nodeId: z.string(),
    login: z.string(),
    state: z.enum(PEER_STATES),
    replyMode: z.enum(REPLY_MODES),
    /** Of its gateway, when its replies are sent back. */
    port: z.int().nullable(),
    expiresAt: instant.nullable(),
  }),
);

const owners = { ...peer.shape, hasOutboundToken: z.boolean() };
export const ownersPeer = named('OwnersPeer', z.strictObject(owners));

export const agentsPeer = named(
  'AgentsPeer',
  z.strictObject({
    name: z.string(),
    state: z.enum(PEER_STATES),
    hasOutboundToken: z.boolean(),
    /** What agents here may write to now. */
    aliases: z.array(z.strictObject({ alias: z.string(), repliesToSession: z.boolean() })).readonly(),
    /** Why nothing can be written to it now. */
    obstacle: z.enum([...DENY_REASONS, 'peer-token-missing']).nullable(),
  }),
);

/** Of the tailnet. */
export const node = named(
  'Node',
  z.strictObject({
    dnsName: z.string(),
    ipv4: z.string().nullable(),
    online: z.boolean(),
    login: z.string(),
  }),
);

/** How far a pairing has come that is not complete. */
export const pairing = named(
  'Pairing',
  z.strictObject({
    stage: z.enum(['waiting', 'ready']),
    ownConfirmed: z.boolean(),
    otherConfirmed: z.boolean(),
    offered: z.array(z.string()).readonly().nullable(),
    expiresAt: instant.nullable(),
  }),
);

export const listedPeer = named('ListedPeer', z.strictObject({ ...owners, pairing: pairing.nullable() }));

const detail = {
  peer: ownersPeer,
  node: node.nullable(),
  pairing: pairing.nullable(),
  rotating: z.boolean(),
  grants: z.array(eitherGrant).readonly(),
};
export const peerDetail = named('PeerDetail', z.strictObject(detail));

/** The aliases that the other stack offers; null before it has said so. */
export const acceptedPeer = z.strictObject({
  ...detail,
  offered: z.array(z.string()).readonly().nullable(),
  warnings: z.array(z.string()).readonly(),
});

export const invite = named(
  'Invite',
  z.strictObject({
    id: z.string(),
    peer: z.string(),
    state: z.enum(['open', 'used', 'expired', 'cancelled']),
    nodeId: z.string().nullable(),
    claimedBy: z.string().nullable(),
    confirmed: z.boolean(),
    hold: z.enum(HOLDS),
    grants: z.array(grant).readonly(),
    expiresAt: instant,
    peerExpiresAt: instant.nullable(),
    createdAt: instant,
  }),
);

/** Where a stack is and how to write to it. */
export const peerConfig = named(
  'PeerConfig',
  z.strictObject({
    format: z.literal(1),
    name: z.string(),
    node: z.strictObject({ nodeId: z.string(), dnsName: z.string(), ipv4: z.string() }),
    port: z.int(),
    aliases: z.array(z.strictObject({ alias: z.string(), url: z.string() })).readonly(),
  }),
);
