import type { Grant, Hold } from './grant.ts';
import type { InboxState } from './inbox.ts';
import type { OutboxState } from './outbox.ts';
import { parsed, problem, type Parsed } from './parsed.ts';

/** An owner wishes it so: for all that goes a way, or for what goes out and looks like a secret. */
export const OWNERS_REASONS = ['grant', 'looks-secret'] as const;
export type OwnersReason = (typeof OWNERS_REASONS)[number];

/** The loop guard: two agents, or the two machines of one owner, must not run up a bill unnoticed. */
export const GUARD_REASONS = [
  'hop-limit',
  'turns-per-hour',
  'turns-per-day',
  'turns-per-conversation',
  'bytes-per-day',
] as const;
export type GuardReason = (typeof GUARD_REASONS)[number];

/** Why a person has to look at a message before it goes on. */
export const HOLD_REASONS = [...OWNERS_REASONS, ...GUARD_REASONS] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

export function isHoldReason(raw: string): raw is HoldReason {
  return (HOLD_REASONS as readonly string[]).includes(raw);
}

export function isOwnersReason(reason: HoldReason): reason is OwnersReason {
  return (OWNERS_REASONS as readonly string[]).includes(reason);
}

type Way = Grant['direction'];

/** Whether somebody looks at what goes this way. */
export function covers(hold: Hold, way: Way): boolean {
  return hold === 'both' || hold === way;
}

/** All grants that there are with one peer, in both directions, ended ones too. */
type WithPeer = readonly Pick<Grant, 'hold'>[];

/**
 * Whether what goes out to this peer and looks like a secret waits. One grant that says so is enough: an agent whose message
 * waits under one alias would else only have to take another.
 */
export function keepsSecrets(grants: WithPeer): boolean {
  return grants.some(({ hold }) => hold === 'secrets');
}

/**
 * Why a person looks at a message of ours before it leaves; null when nobody does.
 * @param under the grant that it goes by
 * @param isKeptSecret it looks like a secret, and such are kept from this peer
 */
export function messageHold(under: Pick<Grant, 'hold'>, isKeptSecret: boolean): OwnersReason | null {
  if (covers(under.hold, 'outbound')) return 'grant';
  return isKeptSecret ? 'looks-secret' : null;
}

/**
 * Why a person looks at a reply that goes this way; null when nobody does. Any grant with the peer that covers the way is
 * enough: a message that comes in under a free one may ask for what may not leave under another.
 */
export function replyHold(grants: WithPeer, way: Way, looksSecret: boolean): OwnersReason | null {
  if (grants.some(({ hold }) => covers(hold, way))) return 'grant';
  return way === 'outbound' && looksSecret && keepsSecrets(grants) ? 'looks-secret' : null;
}

/** A person looks at a reply that has a text. */
export interface ReplyHold {
  readonly reason: OwnersReason;
  /** From this instant on nobody can let it go on. */
  readonly until: number;
}

/** What waits for a person, and for whose. */
export interface Waiting {
  /** The owner of this stack, or of the peer. */
  readonly place: 'here' | 'peer';
  readonly what: 'message' | 'reply';
  readonly reason: HoldReason;
}

/** Null for a message, inbound or outbound, that waits for nobody. */
export function waitingOf(message: {
  readonly state: InboxState | OutboxState;
  readonly hold: HoldReason | null;
  readonly peerHold?: HoldReason | 'reply' | null;
}): Waiting | null {
  const { state, hold, peerHold = null } = message;
  if (state === 'held') return { place: 'here', what: 'message', reason: hold ?? 'grant' };
  if (state === 'reply-held')
    return { place: 'here', what: 'reply', reason: hold === 'looks-secret' ? hold : 'grant' };
  if (state !== 'accepted' || peerHold === null) return null;
  if (peerHold === 'reply') return { place: 'peer', what: 'reply', reason: 'grant' };
  return { place: 'peer', what: 'message', reason: peerHold };
}

/**
 * Why a peer holds a message, or that it holds its own reply. A word of a newer peer's is some owner's wish. What looks like a
 * secret is held by who sends it: that a peer says so of ours is no finding of this stack's.
 */
export function readPeerHold(word: string): HoldReason | 'reply' {
  if (word === 'looks-secret') return 'grant';
  return word === 'reply' || isHoldReason(word) ? word : 'grant';
}

/** Characters of what a person says to the sender of a message that they refuse. */
export const NOTE_LIMIT = 500;

/** Everything that begins a line, moves a cursor or turns the reading direction. */
const NOT_ON_ONE_LINE = /[\s\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** On one line, whatever is in it; null when nothing is left. */
function onOneLine(raw: string): string | null {
  const line = raw.toWellFormed().replaceAll(NOT_ON_ONE_LINE, ' ').trim();
  return line === '' ? null : line;
}

/** What the owner of this stack wrote. */
export function parseNote(raw: string): Parsed<string | null> {
  const line = onOneLine(raw);
  const length = line?.length ?? 0;
  if (length <= NOTE_LIMIT) return parsed(line);
  return problem('note', `is ${length} characters long`, `Shorten it to ${NOTE_LIMIT}`);
}

/** What a peer says that a person there wrote: as much of it as would have been taken here. */
export function readNote(raw: string): string | null {
  const line = onOneLine(raw.slice(0, 4 * NOTE_LIMIT));
  return line === null ? null : onOneLine(line.slice(0, NOTE_LIMIT));
}
