import type { MessageId, TaskId } from '../../src/core/message.ts';
import { createHolds, type HoldsParts } from '../../src/delivery/holds.ts';
import type { Holds } from '../../src/ports/holds.ts';
import type { OutboxMessage } from '../../src/ports/messages.ts';
import type { Store } from '../../src/store/open.ts';
import { NO_SEND_BACK } from './no-send-back.ts';

/** What waits for a person in this store, decided about with nobody to wake. */
export function storeHolds(
  { outbox, inbox }: Pick<Store, 'outbox' | 'inbox'>,
  parts: Pick<HoldsParts, 'audit' | 'digests' | 'clock'>,
  messages: { changed(message: OutboxMessage): void },
  over: Partial<HoldsParts> = {},
): Holds {
  return createHolds({
    ...parts,
    outbox,
    inbox,
    replyTurn: ({ id }, text) => ({
      taskId: `reply-to-${id}` as TaskId,
      messageId: `reply/${id}` as MessageId,
      turnKey: `key-of-reply-to-${id}`,
      expiresAt: parts.clock.now() + 3_600_000,
      contentDigest: 'd',
      hold: null,
      text,
    }),
    sendBack: NO_SEND_BACK,
    wakeSender: () => undefined,
    wakeInbox: () => undefined,
    onOutboundChange: (message) => messages.changed(message),
    onInboundChange: () => undefined,
    ...over,
  });
}
