import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { NodeId } from '../core/peer.ts';
import type { RefusalReason } from '../core/refusal.ts';
import type { PeerServerLimits } from './limits.ts';
import { REFUSAL_TABLE } from '../a2a/refusal-table.ts';
import { Refusal } from '../a2a/refusal.ts';

/**
 * What may be asked in a minute beside new messages, which are counted on disk. In memory only: no money hangs on it,
 * and whoever waits for our restart waits longer than for the minute.
 */
export interface RateLimits {
  /** Throws Refusal `attempts-exceeded` for an address that was refused too often in the last minute. */
  checkAttempts(address: string): Promise<void>;
  /** Counts a refusal against the address, if it is one that needs no peer to be caused. */
  countRefusal(address: string, reason: RefusalReason): Promise<void>;
  /** One request that brings nothing new. Throws Refusal `polls-exceeded`. @param asker a peer's name, or a node */
  takePoll(asker: PollKey): Promise<void>;
  /** One try at the secret of an invite. Throws Refusal `guesses-exceeded`. */
  takeGuess(node: NodeId): Promise<void>;
  /** It was no guess. */
  giveBackGuess(node: NodeId): Promise<void>;
}

export type PollKey = `peer ${string}` | `node ${string}`;

const MINUTE_S = 60;

/**
 * Addresses that are counted in a minute. A subnet router may call from any address of its subnets, so there is no
 * natural end to them; those beyond go uncounted, because to refuse them would be a way to shut out peers.
 */
const MOST_ADDRESSES = 4096;

/** Given before it is known who calls. */
const BEFORE_A_CALLER: ReadonlySet<RefusalReason> = new Set<RefusalReason>([
  'path-unknown',
  'method-not-allowed',
  'upgrade-refused',
  'header-invalid',
  'headers-too-large',
  'content-type-unsupported',
]);

function isAttempt(reason: RefusalReason): boolean {
  return REFUSAL_TABLE[reason].told === 'unauthenticated' || BEFORE_A_CALLER.has(reason);
}

/** Knows so many keys, and begins anew each minute: the counts of twice as many are alive at most. */
function createRegister(most: number): (key: string) => boolean {
  const known = new Set<string>();
  let since = performance.now();
  return (key) => {
    if (performance.now() - since >= MINUTE_S * 1000) {
      known.clear();
      since = performance.now();
    }
    if (known.size < most) known.add(key);
    return known.has(key);
  };
}

export function createRateLimits({
  attemptsPerMinute,
  pollsPerMinute,
  guessesPerMinute,
}: Pick<PeerServerLimits, 'attemptsPerMinute' | 'pollsPerMinute' | 'guessesPerMinute'>): RateLimits {
  const attempts = new RateLimiterMemory({ points: attemptsPerMinute, duration: MINUTE_S });
  const polls = new RateLimiterMemory({ points: pollsPerMinute, duration: MINUTE_S });
  const guesses = new RateLimiterMemory({ points: guessesPerMinute, duration: MINUTE_S });
  const isCounted = createRegister(MOST_ADDRESSES);
  return {
    checkAttempts: async (address) => {
      const used = await attempts.get(address);
      if (used !== null && used.consumedPoints >= attemptsPerMinute) throw new Refusal('attempts-exceeded');
    },
    countRefusal: async (address, reason) => {
      if (isAttempt(reason) && isCounted(address)) await attempts.penalty(address);
    },
    takeGuess: async (node) => {
      const { consumedPoints } = await guesses.penalty(node);
      if (consumedPoints > guessesPerMinute) throw new Refusal('guesses-exceeded');
    },
    giveBackGuess: async (node) => {
      await guesses.reward(node);
    },
    takePoll: async (asker) => {
      const { consumedPoints } = await polls.penalty(asker);
      if (consumedPoints > pollsPerMinute) throw new Refusal('polls-exceeded');
    },
  };
}
