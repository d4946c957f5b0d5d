import { z } from 'zod';
import { parseDuration } from '../../core/duration.ts';
import { fromProblem } from '../../errors.ts';
import type { PeerAdmin } from '../../ports/owner.ts';
import { route, type Route } from '../route.ts';
import { grantView } from '../views.ts';

const newGrant = z.strictObject({
  peer: z.string().max(128),
  alias: z.string().max(128),
  sessionKey: z.string().max(512),
  special: z.boolean().exactOptional(),
  expiresIn: z.string().max(32).exactOptional(),
  operations: z.array(z.string().max(64)).max(16).exactOptional(),
  sendsPerMinute: z.number().exactOptional(),
});
const ofPeer = z.strictObject({ peer: z.string().max(128).optional() });

function readDuration(raw: string): number {
  const duration = parseDuration(raw, 'expiresIn');
  if (duration.ok) return duration.value;
  throw fromProblem('input-invalid', duration.problem);
}

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
    handle: ({ body: { expiresIn, ...wish } }) => {
      const expiry = expiresIn === undefined ? {} : { expiresInMs: readDuration(expiresIn) };
      const { grant, warnings } = admin.grant({ ...wish, ...expiry });
      return { status: 201, body: { grant: grantView(grant), warnings } };
    },
  });
  return [list, add];
}
