import { z } from 'zod';
import type { GatewaySessions } from '../../ports/gateway.ts';
import type { PeerAdmin } from '../../ports/owner.ts';
import { route, type Route } from '../route.ts';
import { sessionView } from '../views.ts';
import { session } from '../answers/stack.ts';
import { count } from '../answers/terms.ts';

/** For the owner alone: a session key is nothing that an agent here, or a peer, is told. */
export function sessionRoutes(
  gateway: Pick<GatewaySessions, 'sessions'>,
  admin: Pick<PeerAdmin, 'grants'>,
): readonly Route[] {
  const list = route({
    method: 'GET',
    path: '/api/v1/sessions',
    roles: ['owner'],
    summary: 'Sessions of the gateway, whether they can be offered, and which peers have them.',
    body: null,
    query: null,
    answers: { 200: z.strictObject({ sessions: z.array(session).readonly(), total: count }) },
    handle: async () => {
      const { sessions, total } = await gateway.sessions();
      const grants = admin.grants();
      const views = sessions.map((one) => sessionView(one, grants));
      return { status: 200, body: { sessions: views, total } };
    },
  });
  return [list];
}
