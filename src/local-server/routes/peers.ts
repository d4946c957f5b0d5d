import { z } from 'zod';
import type { PeerAdmin } from '../../ports/owner.ts';
import { route, type Route } from '../route.ts';
import { agentsPeerView, ownersPeerView, peerView } from '../views.ts';

const newPeer = z.strictObject({ name: z.string().max(128), node: z.string().max(253) });
const newToken = z.strictObject({ token: z.string().max(512) });

function list(admin: PeerAdmin): Route {
  return route({
    method: 'GET',
    path: '/api/v1/peers',
    roles: ['owner', 'agent'],
    summary: 'Peers of this stack; an agent is shown their names alone.',
    body: null,
    query: null,
    handle: ({ role }) => {
      const peers = admin.list();
      return {
        status: 200,
        body: { peers: role === 'owner' ? peers.map(ownersPeerView) : peers.map(agentsPeerView) },
      };
    },
  });
}

function add(admin: PeerAdmin): Route {
  return route({
    method: 'POST',
    path: '/api/v1/peers',
    roles: ['owner'],
    summary:
      'Add a peer by its tailnet node. The answer holds, this once, the token that the peer will present.',
    body: newPeer,
    query: null,
    handle: async ({ body: { name, node } }) => {
      const { peer, token } = await admin.add(name, node);
      return { status: 201, body: { peer: peerView(peer), token } };
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
    handle: ({ body: { token }, param }) => {
      const name = param('name');
      admin.storeToken(name, token);
      return { status: 200, body: { peer: { name, hasOutboundToken: true } } };
    },
  });
}

export function peerRoutes(admin: PeerAdmin): readonly Route[] {
  return [list(admin), add(admin), storeToken(admin)];
}
