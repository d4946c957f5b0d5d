import type { Alias } from './alias.ts';
import type { PeerName } from './peer.ts';
import type { SessionKey } from './session-key.ts';

/** What an inbound grant can allow; each of its own, so that a peer can be let to write and not to read the answers. */
export const GRANT_OPERATIONS = ['message-send', 'task-read', 'task-cancel'] as const;
export type GrantOperation = (typeof GRANT_OPERATIONS)[number];

/**
 * Which way a person looks at a message, or at its reply, before it goes on. `secrets`: at what goes out and looks like a
 * secret, and at nothing else.
 */
export const HOLDS = ['none', 'inbound', 'outbound', 'both', 'secrets'] as const;
export type Hold = (typeof HOLDS)[number];

interface Terms {
  readonly peer: PeerName;
  readonly hold: Hold;
  /** From this instant on it allows nothing; null for never. Milliseconds since the epoch. */
  readonly expiresAt: number | null;
}

/** A peer's right to write to one session, under an alias that is all it ever sees of it. */
export interface InboundGrant extends Terms {
  readonly direction: 'inbound';
  readonly alias: Alias;
  readonly sessionKey: SessionKey;
  readonly operations: readonly GrantOperation[];
  /** Messages accepted under it in any minute; null for no limit beside the peer's own. */
  readonly sendsPerMinute: number | null;
}

/** The right of this machine's agents to write to a peer, under one of the peer's aliases. */
export interface OutboundGrant extends Terms {
  readonly direction: 'outbound';
  /** `any`: the peer alone decides which of its aliases are open to us. */
  readonly alias: Alias | 'any';
  /** The one local session that replies may be put into; null for none. An agent can ask for it and never choose it. */
  readonly replySession: SessionKey | null;
}

export type Grant = InboundGrant | OutboundGrant;

/** What an owner gets who names nothing but the session: everything that belongs to asking and being answered. */
export const DEFAULT_TERMS = {
  operations: GRANT_OPERATIONS,
  sendsPerMinute: null,
  hold: 'none',
  expiresAt: null,
} as const;

export const DEFAULT_OUTBOUND_TERMS = { hold: 'none', replySession: null, expiresAt: null } as const;

export function isGrantOperation(raw: string): raw is GrantOperation {
  return (GRANT_OPERATIONS as readonly string[]).includes(raw);
}

export function isHold(raw: string): raw is Hold {
  return (HOLDS as readonly string[]).includes(raw);
}
