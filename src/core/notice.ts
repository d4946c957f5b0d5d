import type { PeerName } from './peer.ts';

/** What an owner is told of without asking: each needs a person, and is over when its cause is gone. */
export const NOTICE_KINDS = [
  /** A message or a reply waits here until somebody has looked at it. */
  'hold',
  /** The loop guard has stopped agents here. */
  'budget-spent',
  /** The loop guard of a peer has stopped agents: its owner has to let them go on. */
  'budget-spent-at-peer',
  'expired',
  'uncertain',
  'peer-away',
  'credential-ending',
  'gateway-away',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

export interface NewNotice {
  readonly kind: NoticeKind;
  /** What it is about. Of one kind and subject there is one notice at a time. */
  readonly subject: string;
  readonly peer: PeerName | null;
  /** What there is and what to do: counts, and names that the owner gave; never what somebody said, and no secret. */
  readonly text: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What is a notice when. */
export const NOTICE_LIMITS = {
  /** A peer that is away for a night is nothing to tell anybody of. */
  peerAwayMs: 6 * HOUR_MS,
  gatewayAwayMs: HOUR_MS,
  /** Before the end of a credential. */
  endingMs: 7 * DAY_MS,
  /** Messages that ended are told of for so long after it. */
  endedMs: DAY_MS,
} as const;

/** How a notice gets to the owner. */
export const TELLING_LIMITS = {
  /** A peer that makes the same need a person again and again must not ring the owner's telephone each time. */
  againMs: 10 * MINUTE_MS,
  /** A notice that could not be told for so long is told to nobody any more. */
  giveUpMs: DAY_MS,
  /** A session costs a model call. */
  sessionEveryMs: HOUR_MS,
} as const;

/**
 * Milliseconds until attempt number `attempts + 1`: a minute, doubled each time up to an hour.
 * @param jitter 0 to 1, random
 */
export function tellAgainMs(attempts: number, jitter: number): number {
  const ceiling = Math.min(HOUR_MS, MINUTE_MS * 2 ** Math.min(attempts, 10));
  return Math.round(ceiling / 2 + (ceiling / 2) * jitter);
}
