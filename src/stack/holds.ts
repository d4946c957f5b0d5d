import type { MessageId, TaskId } from '../core/message.ts';
import { createHolds, type HoldsParts } from '../delivery/holds.ts';
import { createTurnKey } from '../delivery/turn-key.ts';
import type { Holds } from '../ports/holds.ts';
import type { Store } from '../store/open.ts';
import { systemClock as clock, systemRandom as random } from '../system.ts';
import type { Outward } from './outward.ts';
import type { Parts } from './parts.ts';

/** How a reply becomes a message in a session of this machine. */
function replyTurns({ credentials }: Store, { digests, limits }: Parts): HoldsParts['replyTurnOf'] {
  const turnKey = createTurnKey(credentials, random);
  return ({ id, peer }) =>
    (reply) => ({
      taskId: random.uuid() as TaskId,
      turnKey: turnKey(peer, `reply/${id}` as MessageId),
      expiresAt: clock.now() + limits.ttlMs,
      contentDigest: digests.text(reply),
    });
}

/** What the owner of this stack decides reaches all who wait for it. */
export function createOwnersHolds(store: Store, parts: Parts, { sender, messages }: Outward): Holds {
  return createHolds({
    outbox: store.outbox,
    inbox: store.inbox,
    audit: parts.audit,
    digests: parts.digests,
    clock,
    replyTurnOf: replyTurns(store, parts),
    wakeSender: (peer) => sender.wake(peer),
    wakeInbox: () => parts.worker.wake(),
    onOutboundChange: (message) => messages.changed(message),
    onInboundChange: (message) => parts.tasks.changed(message),
  });
}
