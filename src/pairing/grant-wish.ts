import { parseAlias } from '../core/alias.ts';
import { DURATION_LIMIT_MS } from '../core/duration.ts';
import {
  DEFAULT_TERMS,
  GRANT_OPERATIONS,
  HOLDS,
  isGrantOperation,
  isHold,
  type GrantOperation,
  type Hold,
  type InboundGrant,
} from '../core/grant.ts';
import type { PeerName } from '../core/peer.ts';
import { parseSessionKey, type SessionKey } from '../core/session-key.ts';
import { AgentPeerError, must } from '../errors.ts';
import type { GrantWish } from '../ports/owner.ts';

const MOST_SENDS_PER_MINUTE = 1_000;

function invalid(what: string, fix: string): AgentPeerError {
  return new AgentPeerError('input-invalid', what, fix);
}

/** In the order of the list itself, so that two wishes for the same are the same grant. */
function readOperations(wished: readonly string[]): readonly GrantOperation[] {
  const fix = `Choose from ${GRANT_OPERATIONS.join(', ')}`;
  const unknown = wished.find((word) => !isGrantOperation(word));
  if (unknown !== undefined) throw invalid(`operations: "${unknown}" cannot be granted`, fix);
  if (wished.length === 0) throw invalid('operations: a grant of none allows nothing', fix);
  if (new Set(wished).size !== wished.length) throw invalid('operations: one is named twice', fix);
  return GRANT_OPERATIONS.filter((operation) => wished.includes(operation));
}

function readSendsPerMinute(wished: number): number {
  if (Number.isInteger(wished) && wished >= 1 && wished <= MOST_SENDS_PER_MINUTE) return wished;
  throw invalid(
    `sends per minute: ${wished} is no limit`,
    `Use a whole number from 1 to ${MOST_SENDS_PER_MINUTE}`,
  );
}

/** Throws AgentPeerError `input-invalid`. */
export function readHold(wished: string): Hold {
  if (isHold(wished)) return wished;
  throw invalid(`hold: "${wished}" is none`, `Choose from ${HOLDS.join(', ')}`);
}

export function readExpiry(wishedMs: number, now: number): number {
  if (Number.isInteger(wishedMs) && wishedMs >= 1 && wishedMs <= DURATION_LIMIT_MS) return now + wishedMs;
  throw invalid('expiry: not a time that a grant can last', 'Use more than nothing and at most 3650 days');
}

/** Throws AgentPeerError `session-key-invalid`. */
export function readReplySession(wished: string, special: boolean): SessionKey {
  return must('session-key-invalid', parseSessionKey(wished, 'reply session', { special }));
}

/** Throws AgentPeerError `alias-invalid`, `session-key-invalid`, `input-invalid`. */
export function readWish(wish: GrantWish, peer: PeerName, now: number): InboundGrant {
  const { alias, sessionKey, special = false, operations, sendsPerMinute, expiresInMs, hold } = wish;
  return {
    direction: 'inbound',
    peer,
    alias: must('alias-invalid', parseAlias(alias)),
    sessionKey: must('session-key-invalid', parseSessionKey(sessionKey, 'session key', { special })),
    ...DEFAULT_TERMS,
    ...(operations === undefined ? {} : { operations: readOperations(operations) }),
    ...(sendsPerMinute === undefined ? {} : { sendsPerMinute: readSendsPerMinute(sendsPerMinute) }),
    ...(hold === undefined ? {} : { hold: readHold(hold) }),
    ...(expiresInMs === undefined ? {} : { expiresAt: readExpiry(expiresInMs, now) }),
  };
}
