import type { Snapshots } from '../../ports/snapshot.ts';
import { route, type Route } from '../route.ts';

/**
 * For a backup. Without the key that the secrets in it are sealed with: whoever has the owner's token and not the key file
 * gets no further with it than with the other routes.
 */
export function snapshotRoutes(snapshots: Snapshots): readonly Route[] {
  const snapshot = route({
    method: 'GET',
    path: '/api/v1/snapshot',
    roles: ['owner'],
    summary: 'A consistent copy of the database, as bytes; not encrypted, but for what is sealed in it.',
    body: null,
    query: null,
    handle: () => snapshots.take(),
  });
  return [snapshot];
}
