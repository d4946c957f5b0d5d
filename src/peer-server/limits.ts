import { WAIT_LIMIT_MS } from '../core/peer-wire.ts';

/** What one peer, or all of them together, may take from this stack. Bytes, milliseconds, counts. */
export interface PeerServerLimits {
  readonly headerBytes: number;
  readonly bodyBytes: number;
  /** Open at once, from all nodes together; one more is closed unanswered. */
  readonly connections: number;
  /** From the opened connection to the last header. */
  readonly headersMs: number;
  /** From the opened connection to the last byte of the body. */
  readonly requestMs: number;
  /** A connection on which nothing moves, a request that waits for its reply apart. */
  readonly idleMs: number;
  /** Longest wait for a reply within one SendMessage. */
  readonly waitMs: number;
  /** Time to live of a message that names none. */
  readonly defaultTtlMs: number;
  /** A longer wish is cut to this. */
  readonly maxTtlMs: number;
}

const HOUR_MS = 3_600_000;

export const PEER_SERVER_LIMITS: PeerServerLimits = {
  headerBytes: 32 * 1024,
  bodyBytes: 256 * 1024,
  connections: 64,
  headersMs: 10_000,
  requestMs: 20_000,
  idleMs: 10_000,
  waitMs: WAIT_LIMIT_MS,
  defaultTtlMs: 72 * HOUR_MS,
  maxTtlMs: 168 * HOUR_MS,
};
