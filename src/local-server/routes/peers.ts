import { z } from 'zod';
import { parseNodeId, REPLY_MODES, type NodeId } from '../../core/peer.ts';
import { fromProblem } from '../../errors.ts';
import type { AgentApi } from '../../ports/agent-api.ts';
import type { PeerAdmin } from '../../ports/owner.ts';
import type { Invites } from '../../ports/pairing.ts';
import type { PeerConfigs } from '../../ports/peer-config.ts';
import { expiryOf } from '../duration.ts';
import { durationWord } from '../grant-body.ts';
import { route, type Route } from '../route.ts';
import { listedPeerView, peerView } from '../peer-views.ts';
import { agentsPeer, listedPeer, peer } from '../answers/peers.ts';

const replyMode = z.strictObject({
  mode: z
    .string()
    .max(32)
    .meta({ examples: [...REPLY_MODES] }),
  port: z.int().exactOptional(),
});
const nodeName = z.string().max(253);
const newPeer = z.strictObject({
  name: z.string().max(128),
  node: nodeName,
  /** What its stack's own description says of the node: refused when that is not so. */
  said: z.strictObject({ dnsName: nodeName, ipv4: z.string().max(64), port: z.int() }).exactOptional(),
  expiresIn: durationWord.exactOptional(),
  replies: replyMode.exactOptional(),
});
const newToken = z.strictObject({ token: z.string().max(512) });

const peersShown = z.union([z.array(listedPeer).readonly(), z.array(agentsPeer).readonly()]);
const storedToken = z.strictObject({
  peer: z.strictObject({ name: z.string(), hasOutboundToken: z.boolean() }),
});

export interface PeersParts {
  readonly admin: PeerAdmin;
  readonly agentApi: Pick<AgentApi, 'peers'>;
  readonly invites: Pick<Invites, 'underWay'>;
  readonly configs: PeerConfigs;
}

function list({ admin, agentApi, invites }: PeersParts): Route {
  return route({
    method: 'GET',
    path: '/api/v1/peers',
    roles: ['owner', 'agent'],
    summary: 'Peers of this stack; an agent is shown their names, and what it may write to.',
    body: null,
    query: null,
    answers: { 200: z.strictObject({ peers: peersShown }) },
    handle: async ({ role, signal }) => {
      if (role === 'agent') return { status: 200, body: { peers: await agentApi.peers(signal) } };
      const underWay = invites.underWay();
      return { status: 200, body: { peers: admin.list().map((one) => listedPeerView(one, underWay)) } };
    },
  });
}

function nodeIdOf(raw: string): NodeId {
  const nodeId = parseNodeId(raw);
  if (nodeId.ok) return nodeId.value;
  throw fromProblem('input-invalid', nodeId.problem);
}

function add({ admin, configs }: PeersParts): Route {
  return route({
    method: 'POST',
    path: '/api/v1/peers',
    roles: ['owner'],
    summary:
      'Add a peer by its tailnet node. The answer holds, this once, the token that the peer will present.',
    body: newPeer,
    query: null,
    answers: { 201: z.strictObject({ peer, token: z.string() }) },
    handle: async ({ body: { name, node, said, expiresIn, replies } }) => {
      if (said !== undefined) {
        const { port, ...names } = said;
        await configs.check({ port, node: { nodeId: nodeIdOf(node), ...names } });
      }
      const added = await admin.add(name, node, expiryOf(expiresIn).expiresInMs, replies);
      return { status: 201, body: { peer: peerView(added.peer), token: added.token } };
    },
  });
}

function storeToken(admin: PeerAdmin): Route {
  return route({
    method: 'PUT',
    path: '/api/v1/peers/:name/token',
    roles: ['owner'],
    summary: "Store the token that the peer's owner gave us.",
    body: newToken,
    query: null,
    answers: { 200: storedToken },
    handle: ({ body: { token }, param }) => {
      const name = param('name');
      admin.storeToken(name, token);
      return { status: 200, body: { peer: { name, hasOutboundToken: true } } };
    },
  });
}

function setReplies(admin: PeerAdmin): Route {
  return route({
    method: 'PUT',
    path: '/api/v1/peers/:name/reply-mode',
    roles: ['owner'],
    summary: 'How a peer gets its replies: by asking for its task, or sent back as a message.',
    body: replyMode,
    query: null,
    answers: { 200: z.strictObject({ peer }) },
    handle: ({ body, param }) => {
      const name = param('name');
      admin.setReplies(name, body);
      return { status: 200, body: { peer: peerView(admin.find(name)) } };
    },
  });
}

export function peersRoutes(parts: PeersParts): readonly Route[] {
  return [list(parts), add(parts), storeToken(parts.admin), setReplies(parts.admin)];
}
