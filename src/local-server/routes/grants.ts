import { z } from 'zod';
import type { PeerAdmin } from '../../ports/owner.ts';
import { expiryOf } from '../duration.ts';
import { giveInbound, inboundBody } from '../grant-body.ts';
import { route, type Route } from '../route.ts';
import type { AgentTools } from '../tool-warnings.ts';
import { eitherGrantView, outboundGrantView } from '../peer-views.ts';
import { eitherGrant, warnings } from '../answers/terms.ts';

const ofPeer = z.strictObject({ peer: z.string().max(128).optional() });

const outboundBody = inboundBody
  .pick({ peer: true, alias: true, hold: true, special: true, expiresIn: true })
  .extend({ replySession: z.string().max(512).exactOptional() });
const newGrant = z.discriminatedUnion('direction', [
  inboundBody.extend({ direction: z.literal('inbound') }),
  outboundBody.extend({ direction: z.literal('outbound') }),
]);
type NewGrant = z.infer<typeof newGrant>;

const oldGrant = z.strictObject({
  peer: z.string().max(128),
  direction: z.enum(['inbound', 'outbound']),
  alias: z.string().max(128),
});

const givenGrant = z.strictObject({ grant: eitherGrant, warnings });

async function give(
  admin: PeerAdmin,
  gateway: AgentTools,
  body: NewGrant,
): Promise<z.infer<typeof givenGrant>> {
  if (body.direction === 'inbound') {
    const { direction, ...wish } = body;
    const { grant, warnings: told } = await giveInbound(admin, gateway, wish);
    return { grant: { direction, ...grant }, warnings: told };
  }
  const { direction, expiresIn, ...wish } = body;
  const grant = admin.grantOutbound({ ...wish, ...expiryOf(expiresIn) });
  return { grant: { direction, ...outboundGrantView(grant) }, warnings: [] };
}

/** Both directions: what peers may do here, and what agents of this machine may do at peers. */
export function grantRoutes(admin: PeerAdmin, gateway: AgentTools): readonly Route[] {
  const list = route({
    method: 'GET',
    path: '/api/v1/grants',
    roles: ['owner'],
    summary: 'Grants in both directions.',
    body: null,
    query: ofPeer,
    answers: { 200: z.strictObject({ grants: z.array(eitherGrant).readonly() }) },
    handle: ({ query: { peer } }) => ({
      status: 200,
      body: { grants: admin.allGrants(peer).map(eitherGrantView) },
    }),
  });
  const add = route({
    method: 'POST',
    path: '/api/v1/grants',
    roles: ['owner'],
    summary: 'Give a grant in one direction, in the place of the one that there is for the same alias.',
    body: newGrant,
    query: null,
    answers: { 201: givenGrant },
    handle: async ({ body }) => ({ status: 201, body: await give(admin, gateway, body) }),
  });
  const remove = route({
    method: 'POST',
    path: '/api/v1/grants/remove',
    roles: ['owner'],
    summary: 'Take a grant back.',
    body: oldGrant,
    query: null,
    answers: { 200: z.strictObject({ removed: oldGrant }) },
    handle: ({ body }) => {
      admin.removeGrant(body.peer, body.alias, body.direction);
      return { status: 200, body: { removed: body } };
    },
  });
  return [list, add, remove];
}
