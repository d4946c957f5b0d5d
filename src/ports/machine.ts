/**
 * The lines between the parts, as interfaces only, one file an edge. Feature folders import these and never each other;
 * what puts parts together puts real ones behind them. All instants are milliseconds since the epoch, all durations
 * milliseconds.
 */
import type { TokenDigest } from '../core/peer.ts';

export interface Clock {
  now(): number;
}

export interface Random {
  /** A version 4 UUID. */
  uuid(): string;
  /** `length` characters of [a-z0-9], from the system's random source. */
  word(length: number): string;
  /** 0 to 1, for jitter only. */
  fraction(): number;
}

export interface Digests {
  token(raw: string): TokenDigest;
  text(raw: string): string;
}
