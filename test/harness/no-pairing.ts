import { COMPLETE_NEWS } from '../../src/core/pairing.ts';
import type { PairingResponder } from '../../src/ports/pairing.ts';

/** For tests that are about something else: there is no invite, no pairing is open, and tokens stay as they are. */
export const NO_PAIRING: PairingResponder = {
  invites: () => [],
  claim: () => {
    throw new Error('no invite can be claimed here');
  },
  hear: () => COMPLETE_NEWS,
  rotate: () => null,
  presented: () => undefined,
};
