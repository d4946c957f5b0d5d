import type { Alias } from './alias.ts';
import type { Grant } from './grant.ts';
import type { Peer, PeerName } from './peer.ts';

/** Everything `decide` may know about who is allowed what: an immutable snapshot. */
export interface Policy {
  readonly peers: readonly Peer[];
  readonly grants: ReadonlyMap<PeerName, ReadonlyMap<Alias, Grant>>;
}

export const EMPTY_POLICY: Policy = { peers: [], grants: new Map() };

export function buildPolicy(peers: readonly Peer[], grants: readonly Grant[]): Policy {
  const byPeer = new Map<PeerName, Map<Alias, Grant>>();
  for (const grant of grants) {
    const own = byPeer.get(grant.peer) ?? new Map<Alias, Grant>();
    own.set(grant.alias, grant);
    byPeer.set(grant.peer, own);
  }
  return { peers: [...peers], grants: byPeer };
}
