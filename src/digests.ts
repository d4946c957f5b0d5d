import { createHash, randomBytes } from 'node:crypto';
import type { TokenDigest } from './core/peer.ts';
import type { Digests } from './ports/machine.ts';

function sha256(raw: string): string {
  return createHash('sha256').update(raw, 'utf8').digest('hex');
}

/**
 * SHA-256 in lower-case hex. A peer token is 256 random bits, so a plain digest of it can be stored: there is nothing
 * to guess.
 */
export function createDigests(): Digests {
  return { token: (raw) => sha256(raw) as TokenDigest, text: sha256 };
}

/** A peer token: `apt_` and 43 base64url characters. */
export const PEER_TOKEN = /^apt_[A-Za-z0-9_-]{43}$/;

/** A new peer token, 256 random bits. The prefix lets secret scanners find it. */
export function newPeerToken(): string {
  return `apt_${randomBytes(32).toString('base64url')}`;
}
