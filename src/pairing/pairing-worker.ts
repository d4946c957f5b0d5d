import { backoffMs } from '../core/backoff.ts';
import { stageOf } from '../core/pairing.ts';
import type { PeerName } from '../core/peer.ts';
import { messageOf } from '../errors.ts';
import type { PairingRecord } from '../ports/pairing-store.ts';
import { claimOnce } from './accept-invite.ts';
import { tellNews } from './news.ts';
import type { PairingParts } from './parts.ts';
import { isRotating, rotateOnce } from './rotation.ts';

/** Carries on what was begun: claims that were not answered, news that was not told, tokens that were not changed. */
export interface PairingWorker {
  start(): void;
  /** Works on this peer now; resolves when that is done. Never rejects. */
  now(peer: PeerName): Promise<void>;
  stop(): Promise<void>;
}

const TICK_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A stack that has just joined may not be known yet: only one that stays a stranger was given up over there. */
const STRANGER_LIMIT = { waiting: 5, ready: 20 } as const;

interface Pace {
  failures: number;
  strangers: number;
  nextAt: number;
}

function isClaim(record: PairingRecord): record is PairingRecord & { readonly secret: string } {
  return record.secret !== null;
}

export function createPairingWorker(parts: PairingParts): PairingWorker {
  const { peers, pairings, clock, random, log } = parts;
  const stopping = new AbortController();
  const paces = new Map<PeerName, Pace>();
  const underWay = new Map<PeerName, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;

  const paceOf = (peer: PeerName): Pace => {
    const pace = paces.get(peer) ?? { failures: 0, strangers: 0, nextAt: 0 };
    paces.set(peer, pace);
    return pace;
  };

  /** In a row: the other side has given the pairing up, or was put back to a time before it. */
  const countStranger = (record: PairingRecord, pace: Pace): void => {
    pace.strangers += 1;
    const stage = stageOf(record);
    if (stage === 'complete' || pace.strangers < STRANGER_LIMIT[stage]) return;
    pairings.drop(record.peer);
    paces.delete(record.peer);
    log.warn('pairing-ended', { peer: record.peer, detail: 'the other side has given it up' });
  };

  const advance = async (record: PairingRecord): Promise<boolean> => {
    if (isClaim(record)) {
      const answer = await claimOnce(parts, record, stopping.signal);
      if (answer.ready) await tellNews(parts, record.peer, stopping.signal);
      return true;
    }
    const told = await tellNews(parts, record.peer, stopping.signal);
    if (told === 'unknown') countStranger(record, paceOf(record.peer));
    else paceOf(record.peer).strangers = 0;
    // The other said that it was ready; that this side is complete is what it waits for.
    if (told === 'complete') await tellNews(parts, record.peer, stopping.signal);
    return told === 'complete' || told === 'ready' || told === 'waiting';
  };

  /** @returns false when the peer was not reached, or does not know this stack */
  const step = async (peer: PeerName): Promise<boolean> => {
    if (isRotating(parts, peer)) return rotateOnce(parts, peer, stopping.signal);
    const record = pairings.find(peer);
    if (record !== null) return advance(record);
    await tellNews(parts, peer, stopping.signal);
    return true;
  };

  const work = async (peer: PeerName): Promise<void> => {
    const pace = paceOf(peer);
    try {
      pace.failures = (await step(peer)) ? 0 : pace.failures + 1;
    } catch (error) {
      pace.failures += 1;
      log.info('pairing-waits', { peer, detail: messageOf(error) });
    }
    const pause = Math.min(LONGEST_PAUSE_MS, backoffMs(pace.failures + 1, random.fraction()));
    pace.nextAt = clock.now() + Math.max(TICK_MS, pause);
  };

  /** One at a time for each peer; who comes meanwhile has a round of its own after it. */
  const now = (peer: PeerName): Promise<void> => {
    const before = underWay.get(peer) ?? Promise.resolve();
    const run = before.then(() => (stopping.signal.aborted ? undefined : work(peer)));
    const done = run.finally(() => {
      if (underWay.get(peer) === done) underWay.delete(peer);
    });
    underWay.set(peer, done);
    return done;
  };

  const giveUpOld = (): void => {
    for (const record of pairings.list()) {
      if (stageOf(record) !== 'waiting' || clock.now() < record.expiresAt) continue;
      pairings.drop(record.peer);
      log.warn('pairing-ended', { peer: record.peer, detail: 'it was not confirmed in time' });
    }
  };

  const tick = (): void => {
    try {
      giveUpOld();
      const rotating = peers.listPeers().filter(({ name }) => isRotating(parts, name));
      const names = [...pairings.list().map(({ peer }) => peer), ...rotating.map(({ name }) => name)];
      for (const name of names) if (!underWay.has(name) && clock.now() >= paceOf(name).nextAt) void now(name);
    } catch (error) {
      log.error('pairings-not-read', { error: messageOf(error) });
    }
  };

  return {
    start: () => {
      timer = setInterval(tick, TICK_MS);
      setImmediate(tick);
    },
    now,
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await Promise.all(underWay.values());
    },
  };
}
