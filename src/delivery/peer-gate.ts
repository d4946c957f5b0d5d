import { backoffMs } from '../core/backoff.ts';
import type { Clock, Random } from '../ports/machine.ts';

/** Keeps a peer that cannot be reached from being asked by every message of its own at its own pace. */
export interface PeerGate {
  /** Nothing is tried before this instant. */
  opensAt(): number;
  /** The last attempt failed: one is tried at a time, until one gets through. */
  isShaky(): boolean;
  /** To be given to `failed`. */
  round(): number;
  succeeded(): void;
  /** Counts once for all attempts that were begun in the same round: a peer that dies ends all its waits at once. */
  failed(round: number): void;
  /** Nothing more for this long, whatever gets through meanwhile: so the peer asked, or so our own disk needs. */
  hold(ms: number): void;
  /** Lets the next attempt through when nobody asked to wait. */
  open(): void;
  /** Lets the next attempt through now. */
  force(): void;
  /** The clock went back by this much at least: the next attempt goes through, unless the peer asked to wait. */
  setBack(ms: number): void;
}

export function createPeerGate(clock: Clock, random: Random): PeerGate {
  let failures = 0;
  let opensAt = 0;
  let heldUntil = 0;
  let current = 0;
  return {
    opensAt: () => Math.max(opensAt, heldUntil),
    isShaky: () => failures > 0,
    round: () => current,
    succeeded: () => {
      failures = 0;
      opensAt = 0;
    },
    failed: (round) => {
      if (round !== current) return;
      current += 1;
      opensAt = clock.now() + backoffMs(failures, random.fraction());
      failures += 1;
    },
    hold: (ms) => {
      heldUntil = Math.max(heldUntil, clock.now() + ms);
    },
    open: () => {
      opensAt = 0;
    },
    force: () => {
      opensAt = 0;
      heldUntil = 0;
    },
    setBack: (ms) => {
      opensAt = 0;
      heldUntil -= ms;
    },
  };
}
