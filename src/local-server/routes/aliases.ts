import { z } from 'zod';
import type { PeerAdmin } from '../../ports.ts';
import { route, type Route } from '../route.ts';
import { grantView } from '../views.ts';

const newGrant = z.strictObject({
  peer: z.string().max(128),
  alias: z.string().max(128),
  sessionKey: z.string().max(512),
});
const ofPeer = z.strictObject({ peer: z.string().max(128).optional() });

/** Session keys are the owner's: an agent is not told what stands behind an alias. */
export function aliasRoutes(admin: PeerAdmin): readonly Route[] {
  const list = route({
    method: 'GET',
    path: '/api/v1/aliases',
    roles: ['owner'],
    summary: 'Sessions of this stack that peers may write to, by alias.',
    body: null,
    query: ofPeer,
    handle: ({ query: { peer } }) => ({ status: 200, body: { grants: admin.grants(peer).map(grantView) } }),
  });
  const add = route({
    method: 'POST',
    path: '/api/v1/aliases',
    roles: ['owner'],
    summary: 'Offer one local session to one peer under an alias.',
    body: newGrant,
    query: null,
    handle: ({ body: { peer, alias, sessionKey } }) => {
      const { grant, warnings } = admin.grant(peer, alias, sessionKey);
      return { status: 201, body: { grant: grantView(grant), warnings } };
    },
  });
  return [list, add];
}
