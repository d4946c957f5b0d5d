import type { GatewaySessions } from '../../ports/gateway.ts';
import type { PeerAdmin } from '../../ports/owner.ts';
import { route, type Route } from '../route.ts';
import { sessionView } from '../views.ts';

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
    handle: async () => {
      const { sessions, total } = await gateway.sessions();
      const grants = admin.grants();
      const views = sessions.map((session) => sessionView(session, grants));
      return { status: 200, body: { sessions: views, total } };
    },
  });
  return [list];
}
