import { z } from 'zod';
import type { PeerAdmin } from '../../ports/owner.ts';
import { giveInbound, inboundBody } from '../grant-body.ts';
import { route, type Route } from '../route.ts';
import type { AgentTools } from '../tool-warnings.ts';
import { grantView } from '../peer-views.ts';
import { grant, warnings } from '../answers/terms.ts';

const ofPeer = z.strictObject({ peer: z.string().max(128).optional() });

/** Session keys are the owner's: an agent is not told what stands behind an alias. */
export function aliasRoutes(admin: PeerAdmin, gateway: AgentTools): readonly Route[] {
  const list = route({
    method: 'GET',
    path: '/api/v1/aliases',
    roles: ['owner'],
    summary: 'Sessions of this stack that peers may write to, by alias.',
    body: null,
    query: ofPeer,
    answers: { 200: z.strictObject({ grants: z.array(grant).readonly() }) },
    handle: ({ query: { peer } }) => ({ status: 200, body: { grants: admin.grants(peer).map(grantView) } }),
  });
  const add = route({
    method: 'POST',
    path: '/api/v1/aliases',
    roles: ['owner'],
    summary: 'Offer one local session to one peer under an alias.',
    body: inboundBody,
    query: null,
    answers: { 201: z.strictObject({ grant, warnings }) },
    handle: async ({ body }) => ({ status: 201, body: await giveInbound(admin, gateway, body) }),
  });
  return [list, add];
}
