import { createHolds } from '../delivery/holds.ts';
import type { Holds } from '../ports/holds.ts';
import type { Store } from '../store/open.ts';
import { systemClock as clock } from '../system.ts';
import type { Outward } from './outward.ts';
import type { Parts } from './parts.ts';

/** What the owner of this stack decides reaches all who wait for it. */
export function createOwnersHolds(store: Store, parts: Parts, { sender, messages }: Outward): Holds {
  return createHolds({
    outbox: store.outbox,
    inbox: store.inbox,
    audit: parts.audit,
    digests: parts.digests,
    clock,
    replyTurn: parts.replyTurn,
    sendBack: parts.sendBackApproved,
    wakeSender: (peer) => sender.wake(peer),
    wakeInbox: () => parts.worker.wake(),
    onOutboundChange: (message) => messages.changed(message),
    onInboundChange: (message) => parts.tasks.changed(message),
  });
}
