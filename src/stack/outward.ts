import { createMessages } from '../delivery/messages.ts';
import { createOutboxSender } from '../delivery/outbox-sender.ts';
import { watchedTransport } from '../delivery/watched-ports.ts';
import { NO_FAULTS } from '../pairing/fault-points.ts';
import { createPeerTransport } from '../peer-transport/a2a-transport.ts';
import type { Store } from '../store/open.ts';
import { systemClock as clock, systemRandom as random } from '../system.ts';
import type { StackDeps } from './deps.ts';
import type { Parts } from './parts.ts';

export function createOutward(
  { config, log, reach = NO_FAULTS }: StackDeps,
  store: Store,
  parts: Parts,
  ipv4: string,
) {
  const { tailnet, limits, audit, digests } = parts;
  const transport = createPeerTransport({
    tailnet,
    peers: store.peers,
    localAddress: ipv4,
    port: config.peerPort,
    log,
    onSent: ({ state }) => reach(state === 'queued' ? 'offer-sent' : 'reply-asked'),
  });
  const sender = createOutboxSender({
    outbox: store.outbox,
    peers: store.peers,
    transport: watchedTransport(transport, reach),
    clock,
    random,
    log,
    onChange: (message) => messages.changed(message),
    limits,
  });
  const messages = createMessages({
    outbox: store.outbox,
    peers: store.peers,
    audit,
    digests,
    wake: (peer) => sender.wake(peer),
    clock,
    random,
    limits,
  });
  return { sender, messages };
}

export type Outward = ReturnType<typeof createOutward>;
