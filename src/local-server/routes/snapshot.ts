import type { Snapshots } from '../../ports/snapshot.ts';
import { BYTES, type Route } from '../route.ts';

/**
 * For a backup. Without the key that the secrets in it are sealed with: whoever has the owner's token and not the key file
 * gets no further with it than with the other routes.
 */
export function snapshotRoutes(snapshots: Snapshots): readonly Route[] {
  const snapshot: Route = {
    method: 'GET',
    path: '/api/v1/snapshot',
    roles: ['owner'],
    summary: 'A consistent copy of the database, as bytes; not encrypted, but for what is sealed in it.',
    body: null,
    query: null,
    answers: { 200: BYTES },
    handle: () => snapshots.take(),
  };
  return [snapshot];
}
