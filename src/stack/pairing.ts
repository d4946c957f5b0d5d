import { NO_FAULTS } from '../pairing/fault-points.ts';
import { createInvites, createTokenRotation } from '../pairing/invites.ts';
import { createPairingWorker } from '../pairing/pairing-worker.ts';
import type { PairingParts } from '../pairing/parts.ts';
import { createPairingResponder } from '../pairing/responder.ts';
import { createPairTransport } from '../peer-transport/pair-transport.ts';
import type { Store } from '../store/open.ts';
import { systemClock as clock, systemRandom as random } from '../system.ts';
import type { StackDeps } from './deps.ts';
import type { Outward } from './outward.ts';
import type { Parts } from './parts.ts';

/** Everything about becoming a peer, and remaining one. */
export function createPairing(
  { config, log, reach = NO_FAULTS }: StackDeps,
  store: Store,
  { tailnet, digests, gateway, worker: inboxWorker }: Parts,
  { sender, ipv4 }: Pick<Outward, 'sender'> & { readonly ipv4: string },
) {
  const port = config.peerPort;
  const pairingParts: PairingParts = {
    peers: store.peers,
    pairings: store.pairings,
    tailnet,
    transport: createPairTransport({ tailnet, localAddress: ipv4, port }),
    digests,
    random,
    clock,
    log,
    defaultAgent: () => gateway.defaultAgent(),
    port,
    onChanged: (peer) => {
      sender.wake(peer);
      inboxWorker.wake();
    },
    reach,
  };
  const worker = createPairingWorker(pairingParts);
  return {
    worker,
    responder: createPairingResponder(pairingParts, (peer) => void worker.now(peer)),
    invites: createInvites(pairingParts, worker),
    rotation: createTokenRotation(pairingParts, worker),
  };
}

export type Pairing = ReturnType<typeof createPairing>;
