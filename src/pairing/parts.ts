import type { PeerName } from '../core/peer.ts';
import type { Log } from '../log.ts';
import type { Clock, Digests, Random } from '../ports/machine.ts';
import type { PairTransport } from '../ports/pairing.ts';
import type { PairingStore } from '../ports/pairing-store.ts';
import type { PeerStore, TokenStore } from '../ports/policy-store.ts';
import type { Tailnet } from '../ports/tailnet.ts';
import type { ReachFault } from './fault-points.ts';

/** What everything about becoming a peer stands on. */
export interface PairingParts {
  readonly peers: PeerStore & TokenStore;
  readonly pairings: PairingStore;
  readonly tailnet: Pick<Tailnet, 'status'>;
  readonly transport: PairTransport;
  readonly digests: Digests;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
  /** The gateway's default agent; null when it cannot be asked. Never rejects. */
  readonly defaultAgent: () => Promise<string | null>;
  /** The port of the peer listener, here and at every peer. */
  readonly port: number;
  /** What waits for this peer may go now. */
  readonly onChanged: (peer: PeerName) => void;
  readonly reach: ReachFault;
}
