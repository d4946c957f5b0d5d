import type { PeerConfigs } from '../../ports/peer-config.ts';
import { route, type Route } from '../route.ts';
import { peerConfig } from '../answers/peers.ts';

/** What another owner needs to add this stack by hand. */
export function exportRoutes(configs: PeerConfigs): readonly Route[] {
  const forNobody = route({
    method: 'GET',
    path: '/api/v1/export',
    roles: ['owner'],
    summary: 'Where this stack is and how to write to it, without a secret.',
    body: null,
    query: null,
    answers: { 200: peerConfig },
    handle: async () => ({ status: 200, body: await configs.own() }),
  });
  const forPeer = route({
    method: 'GET',
    path: '/api/v1/peers/:name/export',
    roles: ['owner'],
    summary: 'The same for one peer, with the aliases that it has here.',
    body: null,
    query: null,
    answers: { 200: peerConfig },
    handle: async ({ param }) => ({ status: 200, body: await configs.own(param('name')) }),
  });
  return [forNobody, forPeer];
}
