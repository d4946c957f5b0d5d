import type { MessageId } from '../core/message.ts';
import type { PeerName } from '../core/peer.ts';
import { messageOf } from '../errors.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import { createAskPace } from './ask-pace.ts';
import { isResting } from './attempt.ts';
import { createPeerAttempts, type PeerAttemptsParts } from './peer-attempts.ts';
import { createPeerGate } from './peer-gate.ts';

/** Timers stand still while a machine sleeps, so none is longer than this. */
const LONGEST_NAP_MS = 30_000;
const STORE_TROUBLE_MS = 5_000;

export interface PeerWorker {
  /** Tries everything that waits, as soon as the caller has returned. Never throws. */
  wake(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

type Lane = 'hand-over' | 'ask';

interface UnderWay {
  readonly lane: Lane;
  readonly over: Promise<void>;
}

/** The worker of one peer: hands over one message at a time, and asks for the replies of several. */
export function createPeerWorker(peer: PeerName, parts: PeerAttemptsParts, signal: AbortSignal): PeerWorker {
  const { outbox, clock, random, log, limits } = parts;
  const gate = createPeerGate(clock, random);
  const pace = createAskPace(clock, limits);
  const attempts = createPeerAttempts(parts, { gate, pace }, signal);
  const underWay = new Map<MessageId, UnderWay>();
  let timer: NodeJS.Timeout | undefined;

  const count = (lane: Lane): number => [...underWay.values()].filter((one) => one.lane === lane).length;

  const guarded = (work: () => void) => () => {
    if (signal.aborted) return;
    try {
      work();
    } catch (error) {
      storeTrouble(error);
    }
  };

  const begin = (lane: Lane, message: OutboxMessage, work: Promise<void>): void => {
    const over = work.catch(storeTrouble).finally(() => {
      underWay.delete(message.id);
      setImmediate(pump);
    });
    underWay.set(message.id, { lane, over });
  };

  const startHandOver = (now: number): void => {
    if (count('hand-over') > 0) return;
    for (const message of outbox.toHandOver(peer, now, 1))
      begin('hand-over', message, attempts.handOver(message));
  };

  const startAsking = (now: number): void => {
    // A question that is not asked must not count as one in vain: after ten of those a message is given up.
    if (now < pace.opensAt() || isResting(parts, peer)) return;
    const most = gate.isShaky() || pace.isSlow() ? 1 : limits.waitsPerPeer;
    const room = most - count('ask');
    if (room <= 0) return;
    const due = outbox.toAskFor(peer, now, underWay.size + room).filter(({ id }) => !underWay.has(id));
    for (const message of due.slice(0, room)) begin('ask', message, attempts.askFor(message));
  };

  const napUntil = (instant: number | null): void => {
    clearTimeout(timer);
    if (instant === null || signal.aborted) return;
    timer = setTimeout(pump, Math.min(LONGEST_NAP_MS, Math.max(0, instant - clock.now())));
  };

  /** What is due and not asked because of the pace, is asked when that lets it through. */
  const nextAt = (now: number): number | null => {
    const due = outbox.nextDueAt(peer, now);
    if (now >= pace.opensAt()) return due;
    return Math.min(due ?? Infinity, pace.opensAt());
  };

  const pump = guarded(() => {
    const now = clock.now();
    if (now < gate.opensAt()) {
      napUntil(gate.opensAt());
      return;
    }
    startHandOver(now);
    startAsking(now);
    napUntil(nextAt(now));
  });

  /** A row that could not be written stays as it was, so the same attempt is made again later. */
  function storeTrouble(error: unknown): void {
    log.error('outbox-not-written', { peer, error: messageOf(error) });
    gate.hold(STORE_TROUBLE_MS);
    napUntil(gate.opensAt());
  }

  const hurry = guarded(() => {
    gate.open();
    attempts.startAfresh();
    outbox.hurry(peer, clock.now());
    pump();
  });

  signal.addEventListener('abort', () => clearTimeout(timer));
  return {
    wake: () => void setImmediate(hurry),
    idle: async () => {
      await Promise.all([...underWay.values()].map(({ over }) => over));
    },
  };
}
