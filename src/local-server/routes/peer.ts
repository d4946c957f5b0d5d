import { z } from 'zod';
import { AgentPeerError } from '../../errors.ts';
import type { PeerAdmin } from '../../ports/owner.ts';
import type { Invites, PairingView, TokenRotation } from '../../ports/pairing.ts';
import type { Tailnet } from '../../ports/tailnet.ts';
import { route, type Route } from '../route.ts';
import { nodeView, ownersPeerView, peerDetailView, peerView } from '../peer-views.ts';
import { node, ownersPeer, peer, peerDetail } from '../answers/peers.ts';
import { count } from '../answers/terms.ts';

export interface PeerParts {
  readonly admin: PeerAdmin;
  readonly invites: Invites;
  readonly rotation: TokenRotation;
  readonly tailnet: Pick<Tailnet, 'status'>;
}

const nothing = z.strictObject({}).optional();
const seen = z.strictObject({ nodeId: z.string().max(128).exactOptional() }).optional();
/** Messages by direction. */
const ended = z.strictObject({ outbound: count, inbound: count });
const newName = z.strictObject({ to: z.string().max(128) });
const newNode = z.strictObject({ node: z.string().max(253), dryRun: z.boolean().default(false) });

function detailOf({ admin }: PeerParts, view: PairingView) {
  const { name } = view.peer;
  return peerDetailView(admin.find(name), view, admin.allGrants(name));
}

function show(parts: PeerParts): Route {
  return route({
    method: 'GET',
    path: '/api/v1/peers/:name',
    roles: ['owner'],
    summary: 'Everything about one peer: its node, how far its pairing is, its grants in both directions.',
    body: null,
    query: null,
    answers: { 200: peerDetail },
    handle: async ({ param }) => ({
      status: 200,
      body: detailOf(parts, await parts.invites.view(param('name'))),
    }),
  });
}

/** A person agrees to the node that was shown; by the time of the answer the name may be another one's. */
function checkSeen({ admin }: PeerParts, name: string, nodeId: string | undefined): void {
  if (nodeId === undefined || admin.find(name).nodeId === nodeId) return;
  throw new AgentPeerError(
    'pairing-ended',
    `"${name}" is another node by now than the one that was shown`,
    `Look again: agent-peer peers show ${name}`,
  );
}

function confirm(parts: PeerParts): Route {
  return route({
    method: 'POST',
    path: '/api/v1/peers/:name/confirm',
    roles: ['owner'],
    summary: 'Agree to a pairing, or let a paused peer go on; with nodeId, only if it is still that node.',
    body: seen,
    query: null,
    answers: { 200: peerDetail },
    handle: async ({ body, param }) => {
      checkSeen(parts, param('name'), body?.nodeId);
      return { status: 200, body: detailOf(parts, await parts.invites.confirm(param('name'))) };
    },
  });
}

function rotate({ admin, rotation }: PeerParts): Route {
  return route({
    method: 'POST',
    path: '/api/v1/peers/:name/rotate',
    roles: ['owner'],
    summary: 'Exchange the tokens of both directions for new ones.',
    body: nothing,
    query: null,
    answers: { 200: z.strictObject({ peer: ownersPeer, rotation: z.enum(['complete', 'pending']) }) },
    handle: async ({ param }) => {
      const outcome = await rotation.rotate(param('name'));
      return { status: 200, body: { peer: ownersPeerView(admin.find(param('name'))), rotation: outcome } };
    },
  });
}

function revoke({ admin, tailnet }: PeerParts): Route {
  return route({
    method: 'POST',
    path: '/api/v1/peers/:name/revoke',
    roles: ['owner'],
    summary: 'End a peer at once: its requests and ours to it, its grants, its tokens, its open messages.',
    body: nothing,
    query: null,
    answers: { 200: z.strictObject({ peer, ended, node: node.nullable() }) },
    handle: async ({ param }) => {
      const { peer: revoked, ...messages } = admin.revoke(param('name'));
      // For the step that is left to do. It is revoked whether or not tailscaled can be asked.
      const status = await tailnet.status().catch(() => null);
      const found = status?.peers.find(({ nodeId }) => nodeId === revoked.nodeId);
      const left = found === undefined ? null : nodeView(found);
      return { status: 200, body: { peer: peerView(revoked), ended: messages, node: left } };
    },
  });
}

function rename({ admin }: PeerParts): Route {
  return route({
    method: 'POST',
    path: '/api/v1/peers/:name/rename',
    roles: ['owner'],
    summary: 'Call a peer something else here. The peer is not told.',
    body: newName,
    query: null,
    answers: { 200: z.strictObject({ peer: ownersPeer }) },
    handle: ({ body: { to }, param }) => {
      admin.rename(param('name'), to);
      return { status: 200, body: { peer: ownersPeerView(admin.find(to)) } };
    },
  });
}

function rebind({ admin }: PeerParts): Route {
  return route({
    method: 'POST',
    path: '/api/v1/peers/:name/rebind',
    roles: ['owner'],
    summary: 'Bind a peer to another node; with dryRun only say which.',
    body: newNode,
    query: null,
    answers: { 200: z.strictObject({ dryRun: z.boolean(), before: peer, after: peer }) },
    handle: async ({ body: { node, dryRun }, param }) => {
      const { before, after } = await admin.rebind(param('name'), node, dryRun);
      return { status: 200, body: { dryRun, before: peerView(before), after: peerView(after) } };
    },
  });
}

/** One peer, after it was added. */
export function peerRoutes(parts: PeerParts): readonly Route[] {
  return [show(parts), confirm(parts), rotate(parts), revoke(parts), rename(parts), rebind(parts)];
}
