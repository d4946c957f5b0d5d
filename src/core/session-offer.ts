import { parseSessionKey } from './session-key.ts';
import { kindOfSegments, type SessionKeyKind } from './session-key-kind.ts';

/** `special` needs the owner's explicit word (`--special`). */
export type Offer = 'yes' | 'special' | 'no';

/** What a session is, and whether it can be offered to a peer, by the key under which its gateway keeps it. */
export interface SessionOffer {
  readonly kind: SessionKeyKind;
  readonly offer: Offer;
}

/** A grant is of the key that we read: a key that reads as another one cannot be offered. */
function reads(key: string, special: boolean): boolean {
  const read = parseSessionKey(key, undefined, { special });
  return read.ok && read.value === key;
}

function offered(key: string): Offer {
  if (reads(key, false)) return 'yes';
  return reads(key, true) ? 'special' : 'no';
}

export function sessionOffer(key: string): SessionOffer {
  const segments = key.split(':');
  const kind = kindOfSegments(segments[0] === 'agent' ? segments.slice(2) : segments);
  return { kind, offer: offered(key) };
}
