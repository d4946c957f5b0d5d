import { TEXT_LIMIT_BYTES } from '../core/message.ts';
import { WAIT_LIMIT_MS } from '../core/peer-wire.ts';

/** What one peer, or all of them together, may take from this stack. Bytes, milliseconds, counts. */
export interface PeerServerLimits {
  readonly headerBytes: number;
  readonly bodyBytes: number;
  /** Of one message, UTF-8. */
  readonly textBytes: number;
  /** Open at once, from all nodes together. */
  readonly connections: number;
  /** Of these, from one node. */
  readonly connectionsPerNode: number;
  /** Requests of one peer, or of one node where it needs no token, that bring no new message. */
  readonly pollsPerMinute: number;
  /** Requests of one address that are refused before it is known who calls, or because it is nobody here. */
  readonly attemptsPerMinute: number;
  /** Secrets of invites that one node may try. More would not help it: there are 2^128. */
  readonly guessesPerMinute: number;
  /** Requests that wait for a reply at once. */
  readonly waits: number;
  /** Of these, of one peer. */
  readonly waitsPerPeer: number;
  /** From the opened connection to the last header. */
  readonly headersMs: number;
  /** From the opened connection to the last byte of the body. */
  readonly requestMs: number;
  /** A connection on which nothing moves, a request that waits for its reply apart. */
  readonly idleMs: number;
  /** From the written answer to the moment when the client has taken all of it. */
  readonly answerMs: number;
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
  textBytes: TEXT_LIMIT_BYTES,
  connections: 64,
  connectionsPerNode: 16,
  pollsPerMinute: 240,
  attemptsPerMinute: 60,
  guessesPerMinute: 10,
  waits: 32,
  waitsPerPeer: 8,
  headersMs: 10_000,
  requestMs: 20_000,
  // More than for a head: who is slow with that is to be told so, not just cut off.
  idleMs: 15_000,
  answerMs: 30_000,
  waitMs: WAIT_LIMIT_MS,
  defaultTtlMs: 72 * HOUR_MS,
  maxTtlMs: 168 * HOUR_MS,
};
