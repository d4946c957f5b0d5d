import { createMessageControl } from '../delivery/message-control.ts';
import { createMessages } from '../delivery/messages.ts';
import { createOutboxSender } from '../delivery/outbox-sender.ts';
import { watchedTransport } from '../delivery/watched-ports.ts';
import { NO_FAULTS } from '../pairing/fault-points.ts';
import { createPeerTransport } from '../peer-transport/a2a-transport.ts';
import { createPeerReads } from '../peer-transport/peer-reads.ts';
import type { Store } from '../store/open.ts';
import type { NodeId } from '../core/peer.ts';
import { systemClock as clock, systemRandom as random } from '../system.ts';
import type { StackDeps } from './deps.ts';
import type { Parts } from './parts.ts';

export function createOutward(
  { config, log, reach = NO_FAULTS }: StackDeps,
  store: Store,
  parts: Parts,
  ipv4: string,
) {
  const { tailnet, limits, audit, digests, replyHolds, replyTurn, worker } = parts;
  const peerLine = { tailnet, peers: store.peers, localAddress: ipv4, port: config.peerPort };
  const transport = createPeerTransport({
    ...peerLine,
    log,
    onOffer: ({ id }) => store.outbox.offered(id, clock.now()),
    onSent: ({ state }) => reach(state === 'queued' ? 'offer-sent' : 'reply-asked'),
  });
  const sender = createOutboxSender({
    outbox: store.outbox,
    peers: store.peers,
    transport: watchedTransport(transport, reach),
    clock,
    random,
    log,
    replyHolds,
    replyTurn,
    onChange: (message) => {
      messages.changed(message);
      if (message.state === 'answered' && message.replySession !== null) worker.wake();
    },
    limits,
  });
  const messages = createMessages({
    outbox: store.outbox,
    peers: store.peers,
    guard: store.guard,
    audit,
    digests,
    wake: (peer) => sender.wake(peer),
    clock,
    random,
    limits,
  });
  const control = createMessageControl({
    outbox: store.outbox,
    peers: store.peers,
    sender,
    transport,
    clock,
    onChange: (message) => messages.changed(message),
  });
  parts.outgoing.wake = (peer) => sender.wake(peer);
  return { sender, messages, control, reads: createPeerReads(peerLine) };
}

export type Outward = ReturnType<typeof createOutward>;

/** The peer whose node is back need not wait for its next attempt. */
export function wakeNode(
  { peers }: Pick<Store, 'peers'>,
  { sender }: Pick<Outward, 'sender'>,
  nodeId: NodeId,
): void {
  const back = peers.listPeers().find((peer) => peer.nodeId === nodeId && peer.state === 'active');
  if (back !== undefined) sender.wake(back.name);
}
