import type { InboxEvent } from '../core/inbox.ts';
import type { OutboxEvent } from '../core/outbox.ts';
import type { PeerTransport } from '../ports/delivery.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { InboxStore, OutboxStore } from '../ports/messages.ts';
import type { DeliveryFaultPoint, ReachDeliveryFault } from './fault-points.ts';

/**
 * The ports of delivery, and the moments before and after each thing that is written or sent through them. The code that
 * delivers has no word about tests in it.
 */

type Around = readonly [before: DeliveryFaultPoint | null, after: DeliveryFaultPoint | null];

const OUTBOX: Readonly<Partial<Record<OutboxEvent['kind'], Around>>> = {
  receipt: ['receipt-answered', 'receipt-stored'],
  replied: ['reply-answered', 'reply-stored'],
};
const INBOX: Readonly<Partial<Record<InboxEvent['kind'], Around>>> = {
  begun: [null, 'turn-begun'],
  turn: ['turn-ended', 'turn-stored'],
  look: ['look-ended', 'look-stored'],
};

function around<T>(reach: ReachDeliveryFault, [before, after]: Around = [null, null], work: () => T): T {
  if (before !== null) reach(before);
  const result = work();
  if (after !== null) reach(after);
  return result;
}

export function watchedOutbox(outbox: OutboxStore, reach: ReachDeliveryFault): OutboxStore {
  return {
    ...outbox,
    add: (message) => around(reach, [null, 'submit-stored'], () => outbox.add(message)),
    apply: (id, event, at) => around(reach, OUTBOX[event.kind], () => outbox.apply(id, event, at)),
  };
}

export function watchedInbox(inbox: InboxStore, reach: ReachDeliveryFault): InboxStore {
  return {
    ...inbox,
    accept: (message) => {
      const acceptance = inbox.accept(message);
      if (acceptance.kind === 'new') reach('accept-stored');
      return acceptance;
    },
    apply: (...args) => around(reach, INBOX[args[1].kind], () => inbox.apply(...args)),
  };
}

export function watchedTransport(transport: PeerTransport, reach: ReachDeliveryFault): PeerTransport {
  return {
    deliver: (message, waitMs, signal) => {
      if (message.state === 'queued') reach('offer-begun');
      return transport.deliver(message, waitMs, signal);
    },
  };
}

export function watchedGateway<G extends Pick<Gateway, 'findTurn'>>(
  gateway: G,
  reach: ReachDeliveryFault,
): G {
  return {
    ...gateway,
    findTurn: (turn) => {
      reach('look-begun');
      return gateway.findTurn(turn);
    },
  };
}
