import { DELIVERY_LIMITS } from '../../src/delivery/limits.ts';
import { createMessages, type MessagesParts } from '../../src/delivery/messages.ts';
import type { Store } from '../../src/store/open.ts';
import { systemRandom } from '../../src/system.ts';

/** The local side of this store's outbox, with no sender to wake. */
export function storeMessages(
  { outbox, peers, guard }: Pick<Store, 'outbox' | 'peers' | 'guard'>,
  parts: Pick<MessagesParts, 'audit' | 'digests' | 'clock'>,
): ReturnType<typeof createMessages> {
  const random = systemRandom;
  return createMessages({
    ...parts,
    outbox,
    peers,
    guard,
    random,
    limits: DELIVERY_LIMITS,
    wake: () => undefined,
  });
}
