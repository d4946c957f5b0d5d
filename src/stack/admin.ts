import type { Peer } from '../core/peer.ts';
import { createPeerAdmin } from '../pairing/peer-admin.ts';
import type { PeerServer } from '../peer-server/server.ts';
import type { PeerAdmin } from '../ports/owner.ts';
import type { Store } from '../store/open.ts';
import { systemClock as clock } from '../system.ts';
import type { StackDeps } from './deps.ts';
import type { Outward } from './outward.ts';
import type { Parts } from './parts.ts';

type AdminParts = Outward & { readonly peerServer: PeerServer };

function tellChanged<M>(message: M | null, changed: (message: M) => void): void {
  if (message !== null) changed(message);
}

/** A pause takes nothing away: what was taken stays where it is, and waits. */
function createPauses(store: Store, { worker }: Parts, { sender, peerServer }: AdminParts) {
  return {
    onPaused: (peer: Peer | null): number => {
      for (const one of peer === null ? store.peers.listPeers() : [peer]) peerServer.cut(one);
      sender.cut(peer?.name);
      // What waits says from now on why it does.
      sender.wake(peer?.name);
      return worker.abort(peer?.name ?? null, 'paused');
    },
    onResumed: (peer: Peer | null): void => {
      sender.wake(peer?.name);
      worker.wake();
    },
  };
}

/** A revoke is over when nothing of the peer's goes on: not its requests here, nor ours there, nor who waits for them. */
export function createAdmin(
  { log }: StackDeps,
  store: Store,
  parts: Parts,
  adminParts: AdminParts,
): PeerAdmin {
  const { tailnet, digests, tasks, worker } = parts;
  const { sender, messages, peerServer } = adminParts;
  return createPeerAdmin({
    ...createPauses(store, parts, adminParts),
    peers: store.peers,
    pairings: store.pairings,
    tailnet,
    digests,
    clock,
    log,
    onChanged: (peer) => sender.wake(peer),
    onRevoked: (peer, ended) => {
      peerServer.cut(peer);
      sender.cut(peer.name);
      worker.abort(peer.name, 'revoked');
      worker.wake();
      for (const id of ended.outbox)
        tellChanged(store.outbox.find(id), (message) => messages.changed(message));
      for (const id of ended.inbox) tellChanged(store.inbox.find(id), (message) => tasks.changed(message));
    },
  });
}
