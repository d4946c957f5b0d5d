import { createPeerAdmin } from '../pairing/peer-admin.ts';
import type { PeerServer } from '../peer-server/server.ts';
import type { PeerAdmin } from '../ports/owner.ts';
import type { Store } from '../store/open.ts';
import { systemClock as clock } from '../system.ts';
import type { StackDeps } from './deps.ts';
import type { Outward } from './outward.ts';
import type { Parts } from './parts.ts';

function tellChanged<M>(message: M | null, changed: (message: M) => void): void {
  if (message !== null) changed(message);
}

/** A revoke is over when nothing of the peer's goes on: not its requests here, nor ours there, nor who waits for them. */
export function createAdmin(
  { log }: StackDeps,
  store: Store,
  { tailnet, digests, tasks }: Parts,
  { sender, messages, peerServer }: Outward & { readonly peerServer: PeerServer },
): PeerAdmin {
  return createPeerAdmin({
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
      for (const id of ended.outbox)
        tellChanged(store.outbox.find(id), (message) => messages.changed(message));
      for (const id of ended.inbox) tellChanged(store.inbox.find(id), (message) => tasks.changed(message));
    },
  });
}
