import type { RefusalReason } from '../core/refusal.ts';
import { AgentPeerError } from '../errors.ts';
import { createPeerServer, type PeerServer } from '../peer-server/server.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { Store } from '../store/open.ts';
import { systemClock as clock, systemRandom as random } from '../system.ts';
import type { StackDeps } from './deps.ts';
import type { Outward } from './outward.ts';
import type { Pairing } from './pairing.ts';
import type { Parts } from './parts.ts';
import { setTimeout as sleep } from 'node:timers/promises';

const BIND_TRIES = 20;
const BIND_EVERY_MS = 250;

/** The address may come to the interface a moment after tailscaled says that it is there. */
export async function listenOnTailnet(
  server: PeerServer,
  ipv4: string,
  port: number,
  triesLeft = BIND_TRIES,
): Promise<void> {
  try {
    await server.listen(ipv4, port);
  } catch (error) {
    const passing = error instanceof AgentPeerError && error.code === 'tailnet-unavailable';
    if (!passing || triesLeft === 0) throw error;
    await sleep(BIND_EVERY_MS);
    await listenOnTailnet(server, ipv4, port, triesLeft - 1);
  }
}

/** A gateway that is away comes back; one that never let us in must not make senders think that they were heard. */
function obstacle(gateway: Gateway): RefusalReason | null {
  switch (gateway.state().kind) {
    case 'ready':
    case 'connecting':
      return null;
    case 'unpaired':
    case 'refused':
      return 'stack-not-ready';
  }
}

export function createInward(
  { config, version, log }: StackDeps,
  store: Store,
  parts: Parts,
  { responder, sender }: Pick<Pairing, 'responder'> & Pick<Outward, 'sender'>,
): PeerServer {
  return createPeerServer({
    pairing: responder,
    policy: () => store.peers.policy(),
    tailnet: parts.tailnet,
    inbox: store.inbox,
    guard: store.guard,
    tasks: parts.tasks,
    wakeInbox: () => parts.worker.wake(),
    heard: (peer) => sender.heard(peer),
    audit: parts.audit,
    digests: parts.digests,
    clock,
    random,
    turnKey: parts.turnKey,
    readiness: () => obstacle(parts.gateway),
    limits: { ...config.limits.listener, defaultTtlMs: config.messageTtlMs },
    name: config.name,
    version,
    log,
  });
}
