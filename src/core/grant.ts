import type { Alias } from './alias.ts';
import type { PeerName } from './peer.ts';
import type { SessionKey } from './session-key.ts';

/** A peer's right to write to one session, under an alias that is all it ever sees of it. */
export interface Grant {
  readonly peer: PeerName;
  readonly alias: Alias;
  readonly sessionKey: SessionKey;
}
