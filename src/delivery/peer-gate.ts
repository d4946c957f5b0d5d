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
  /** Nothing more for this long, whatever the peer does. */
  hold(ms: number): void;
  /** Lets the next attempt through now. */
  open(): void;
}

export function createPeerGate(clock: Clock, random: Random): PeerGate {
  let failures = 0;
  let opensAt = 0;
  let current = 0;
  return {
    opensAt: () => opensAt,
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
      opensAt = clock.now() + ms;
    },
    open: () => {
      opensAt = 0;
    },
  };
}
