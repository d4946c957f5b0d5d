import type { MessageId } from '../core/message.ts';
import type { PeerName } from '../core/peer.ts';
import { messageOf } from '../errors.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import { createAskPace } from './ask-pace.ts';
import { isResting } from './attempt.ts';
import { createClockSteps } from './clock-steps.ts';
import { createPeerAttempts, type PeerAttemptsParts } from './peer-attempts.ts';
import { createPeerGate } from './peer-gate.ts';
import { createUnderWay, type Lane } from './under-way.ts';

/** Timers stand still while a machine sleeps, so none is longer than this. */
const LONGEST_NAP_MS = 30_000;
const STORE_TROUBLE_MS = 5_000;
/** A peer that can reach us and not be reached calls us as often as it likes. */
const HEARD_EVERY_MS = 10_000;

export interface PeerWorker {
  /** Tries everything that waits, as soon as the caller has returned; not before the peer wants to be asked. Never throws. */
  wake(): void;
  /** The same, whatever the peer wants: its owner's word, or ours, counts more. */
  retry(): void;
  /** This peer has just called us, so it may be back: tries what waits because it was away, now and then. */
  heard(): void;
  /** Calls `act` at an instant at which no attempt for this message is under way. */
  between<T>(id: MessageId, act: () => T): Promise<T>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** The worker of one peer: hands over one message at a time, and asks for the replies of several. */
export function createPeerWorker(peer: PeerName, parts: PeerAttemptsParts, signal: AbortSignal): PeerWorker {
  const { outbox, clock, random, log, limits } = parts;
  const gate = createPeerGate(clock, random);
  const pace = createAskPace(clock, limits);
  const attempts = createPeerAttempts(parts, { gate, pace }, signal);
  const underWay = createUnderWay();
  const steps = createClockSteps(clock);
  let timer: NodeJS.Timeout | undefined;
  let isWoken = false;
  let heardAt = -Infinity;

  const guarded = (work: () => void) => () => {
    if (signal.aborted) return;
    try {
      work();
    } catch (error) {
      storeTrouble(error);
    }
  };

  const begin = (lane: Lane, message: OutboxMessage, work: Promise<void>): void => {
    underWay.begin(
      lane,
      message.id,
      work.catch(storeTrouble).finally(() => setImmediate(pump)),
    );
  };

  const startHandOver = (now: number): void => {
    if (underWay.count('hand-over') > 0) return;
    for (const message of outbox.toHandOver(peer, now, 1))
      begin('hand-over', message, attempts.handOver(message));
  };

  const startAsking = (now: number): void => {
    // A question that is not asked must not count as one in vain: after ten of those a message is given up.
    if (now < pace.opensAt() || isResting(parts, peer)) return;
    const most = gate.isShaky() || pace.isSlow() ? 1 : limits.waitsPerPeer;
    const room = most - underWay.count('ask');
    if (room <= 0) return;
    const due = outbox.toAskFor(peer, now, underWay.count() + room).filter(({ id }) => !underWay.has(id));
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
    const now = steps.look((ms) => {
      gate.setBack(ms);
      outbox.hurry(peer, clock.now());
    });
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
    outbox.hurry(peer, clock.now());
    pump();
  });

  /** Many that want it at once get it once. */
  const soon = (): void => {
    if (isWoken) return;
    isWoken = true;
    setImmediate(() => {
      isWoken = false;
      hurry();
    });
  };

  const heard = (): void => {
    const since = clock.now() - heardAt;
    if (!gate.isShaky() || (since >= 0 && since < HEARD_EVERY_MS)) return;
    heardAt = clock.now();
    gate.open();
    soon();
  };

  signal.addEventListener('abort', () => clearTimeout(timer));
  return {
    wake: () => {
      gate.open();
      attempts.startAfresh();
      soon();
    },
    retry: () => {
      gate.force();
      attempts.startAfresh();
      soon();
    },
    heard,
    between: (id, act) => underWay.between(id, act),
    idle: () => underWay.idle(),
  };
}
