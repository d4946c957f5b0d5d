import type { PeerName } from '../core/peer.ts';
import { messageOf } from '../errors.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import type { PeerAttemptsParts } from './peer-attempts.ts';
import { createPeerWorker, type PeerWorker } from './peer-worker.ts';

const SWEEP_AT_ONCE = 100;

export interface OutboxSenderParts extends PeerAttemptsParts {
  readonly peers: Pick<PeerStore, 'findPeer' | 'isPaused' | 'listPeers' | 'outboundToken' | 'policy'>;
}

export interface OutboxSender {
  /** Takes up everything that a former run of the proxy left. */
  start(): void;
  /** There is something new for this peer, or it is back; without a name, for all of them. */
  wake(peer?: PeerName): void;
  /** The owner wants what waits for this peer to be tried, though the peer asked us to wait. */
  retry(peer: PeerName): void;
  /** This peer has called us. */
  heard(peer: PeerName): void;
  /** Calls `act` at an instant at which no attempt for this message is under way. */
  between<T>(message: Pick<OutboxMessage, 'id' | 'peer'>, act: () => T): Promise<T>;
  /** Ends what is under way to this peer, a wait for its reply among it; without a name, to all of them. */
  cut(peer?: PeerName): void;
  /** Ends the attempts under way and resolves when what they brought is on disk. */
  stop(): Promise<void>;
}

/**
 * Sends what is in the outbox. Each peer has a worker of its own, so one that is slow or away holds up no other; within
 * a conversation a message is handed over only after the one before it has a receipt.
 */
export function createOutboxSender(parts: OutboxSenderParts): OutboxSender {
  const stopping = new AbortController();
  const workers = new Map<PeerName, { readonly worker: PeerWorker; readonly cutting: AbortController }>();
  let started = false;
  let timer: NodeJS.Timeout | undefined;

  const workerOf = (peer: PeerName): PeerWorker => {
    const known = workers.get(peer);
    if (known !== undefined) return known.worker;
    const cutting = new AbortController();
    const worker = createPeerWorker(peer, parts, AbortSignal.any([stopping.signal, cutting.signal]));
    workers.set(peer, { worker, cutting });
    return worker;
  };
  const isRunning = (): boolean => started && !stopping.signal.aborted;
  const wake = (peer?: PeerName): void => {
    if (!isRunning()) return;
    const names = peer === undefined ? parts.peers.listPeers().map(({ name }) => name) : [peer];
    for (const name of names) workerOf(name).wake();
  };

  /** What nobody looked at in time is over. */
  const sweep = (): void => {
    const { outbox, clock, log, onChange } = parts;
    try {
      const now = clock.now();
      for (const { id } of outbox.overdue(now, SWEEP_AT_ONCE))
        onChange(outbox.apply(id, { kind: 'expired' }, { now, nextAttemptAt: now }));
    } catch (error) {
      log.error('outbox-not-swept', { error: messageOf(error) });
    }
  };

  return {
    start: () => {
      started = true;
      timer = setInterval(sweep, parts.limits.sweepEveryMs);
      wake();
    },
    wake,
    retry: (peer) => {
      if (isRunning()) workerOf(peer).retry();
    },
    heard: (peer) => workers.get(peer)?.worker.heard(),
    between: async ({ id, peer }, act) => await (workers.get(peer)?.worker.between(id, act) ?? act()),
    cut: (peer) => {
      for (const name of peer === undefined ? [...workers.keys()] : [peer]) {
        workers.get(name)?.cutting.abort();
        workers.delete(name);
      }
    },
    stop: async () => {
      stopping.abort();
      clearInterval(timer);
      await Promise.all([...workers.values()].map(({ worker }) => worker.idle()));
    },
  };
}
