import { DEFAULT_ALIAS } from '../core/alias.ts';
import type { Hold, InboundGrant } from '../core/grant.ts';
import type { PeerName } from '../core/peer.ts';
import { AgentPeerError } from '../errors.ts';
import type { OfferWish } from '../ports/pairing.ts';
import { readExpiry, readHold, readWish } from './grant-wish.ts';

const MOST_OFFERS = 32;
/** OpenClaw's own name for the agent that is there when nobody has made another. */
const FIRST_AGENT = 'main';

export interface Offers {
  readonly grants: readonly InboundGrant[];
  readonly hold: Hold;
  /** End of the pairing; null for none. */
  readonly expiresAt: number | null;
}

export interface OfferContext {
  readonly peer: PeerName;
  readonly now: number;
  /** Of the gateway; null when it cannot be asked. */
  readonly defaultAgent: string | null;
}

function invalid(what: string, fix: string): AgentPeerError {
  return new AgentPeerError('input-invalid', what, fix);
}

/** A session that is the peer's alone: pairing needs no knowledge of session keys. */
function ownSession(peer: PeerName, defaultAgent: string | null): string {
  return `agent:${defaultAgent ?? FIRST_AGENT}:peer-${peer}`;
}

/**
 * What the owner wants to grant to the peer that is to come. Throws AgentPeerError `alias-invalid`,
 * `session-key-invalid`, `input-invalid`.
 */
export function readOffers(wish: OfferWish, { peer, now, defaultAgent }: OfferContext): Offers {
  const offers = wish.offers ?? [{ alias: DEFAULT_ALIAS, sessionKey: null }];
  if (offers.length > MOST_OFFERS)
    throw invalid(`${offers.length} aliases are too many`, `At most ${MOST_OFFERS}`);
  const hold = wish.hold === undefined ? 'none' : readHold(wish.hold);
  const grants = offers.map(({ alias, sessionKey }) => ({
    ...readWish(
      {
        peer,
        alias,
        sessionKey: sessionKey ?? ownSession(peer, defaultAgent),
        ...(wish.special === undefined ? {} : { special: wish.special }),
      },
      peer,
      now,
    ),
    hold,
  }));
  const twice = grants.find(({ alias }, index) => grants.findIndex((one) => one.alias === alias) !== index);
  if (twice !== undefined) throw invalid(`alias "${twice.alias}" is named twice`, 'Name each alias once');
  return {
    grants,
    hold,
    expiresAt: wish.expiresInMs === undefined ? null : readExpiry(wish.expiresInMs, now),
  };
}
