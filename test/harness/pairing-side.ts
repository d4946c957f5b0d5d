import { onTestFinished } from 'vitest';
import type { NodeId, PeerName } from '../../src/core/peer.ts';
import { createDigests } from '../../src/digests.ts';
import { createInvites, createTokenRotation } from '../../src/pairing/invites.ts';
import { NO_FAULTS } from '../../src/pairing/fault-points.ts';
import { createPairingWorker } from '../../src/pairing/pairing-worker.ts';
import type { PairingParts } from '../../src/pairing/parts.ts';
import { createPeerAdmin } from '../../src/pairing/peer-admin.ts';
import { createPairingResponder } from '../../src/pairing/responder.ts';
import { createPeerServer } from '../../src/peer-server/server.ts';
import { createPairTransport } from '../../src/peer-transport/pair-transport.ts';
import type { AuditEntry } from '../../src/ports/audit.ts';
import type { AcceptWish, InviteWish } from '../../src/ports/pairing.ts';
import { systemRandom } from '../../src/system.ts';
import type { FakeClock } from './fake-clock.ts';
import { fakeTailnet, tailnetNode, tailnetState } from './fake-tailnet.ts';
import { createMemoryLog } from './memory-log.ts';
import { freePort } from './run-main.ts';
import { tempStore } from './temp-store.ts';

const digests = createDigests();

export interface SideOptions {
  readonly name: string;
  /** One of loopback, which stands in for its tailnet address. */
  readonly address: string;
  readonly port: number;
  readonly clock: FakeClock;
  /** Of its gateway; null when it cannot be asked. */
  readonly defaultAgent?: string | null;
}

/** One stack as far as pairing goes: a real store, a real listener, real requests. Nothing happens by itself. */
async function startSide({ name, address, port, clock, defaultAgent = null }: SideOptions) {
  const self = { ...tailnetNode(`n${name}`, address), dnsName: `${name}.lab.internal`, hostName: name };
  const state = tailnetState(self);
  const tailnet = fakeTailnet(state);
  const store = tempStore(clock);
  const log = createMemoryLog();
  const audit: AuditEntry[] = [];
  const parts: PairingParts = {
    peers: store.peers,
    pairings: store.pairings,
    tailnet,
    transport: createPairTransport({ tailnet, localAddress: address, port }),
    digests,
    random: systemRandom,
    clock,
    log,
    defaultAgent: () => Promise.resolve(defaultAgent),
    port,
    onChanged: () => undefined,
    reach: NO_FAULTS,
  };
  const worker = createPairingWorker(parts);
  const server = createPeerServer({
    policy: () => store.peers.policy(),
    tailnet,
    inbox: store.inbox,
    guard: store.guard,
    pairing: createPairingResponder(parts, (peer) => void worker.now(peer)),
    tasks: { changed: () => undefined, settled: () => Promise.resolve() },
    wakeInbox: () => undefined,
    heard: () => undefined,
    audit: { record: (entry) => void audit.push(entry) },
    digests,
    clock,
    random: systemRandom,
    turnKey: (peer, id) => `key ${peer} ${id}`,
    readiness: () => null,
    limits: { attemptsPerMinute: 1e6, pollsPerMinute: 1e6 },
    name,
    version: '0.1.0',
    log,
  });
  await server.listen(address, port);
  onTestFinished(async () => {
    await worker.stop();
    await server.close(0);
  });
  const admin = createPeerAdmin({
    peers: store.peers,
    pairings: store.pairings,
    tailnet,
    digests,
    clock,
    log,
    onRevoked: (peer) => server.cut(peer),
    onPaused: () => 0,
    onResumed: () => undefined,
    onChanged: () => undefined,
  });
  const invites = createInvites(parts, worker);
  const rotation = createTokenRotation(parts, worker);
  return { name, address, port, state, store, log, audit, admin, invites, rotation, worker, server };
}
export type Side = Awaited<ReturnType<typeof startSide>>;

/** Stacks of one tailnet that see each other. */
export async function startSides(
  names: readonly string[],
  clock: FakeClock,
  over: Partial<SideOptions> = {},
): Promise<readonly Side[]> {
  const port = await freePort();
  const subnet = 1 + (process.pid % 250);
  const sides = await Promise.all(
    names.map((name, index) =>
      startSide({ name, address: `127.78.${subnet}.${index + 1}`, port, clock, ...over }),
    ),
  );
  for (const side of sides)
    for (const { state } of sides)
      if (state.self !== side.state.self && state.self) side.state.peers.push(state.self);
  return sides;
}

export const inviteWish = (peer: string, over: Partial<InviteWish> = {}): InviteWish => ({
  peer,
  offers: null,
  confirmed: false,
  ...over,
});

export const acceptWish = (code: string, over: Partial<AcceptWish> = {}): AcceptWish => ({
  code,
  offers: null,
  confirmed: false,
  ...over,
});

/** The state of a peer here; `none` when there is no such peer. */
export function stateAt({ store }: Side, peer: string): string {
  return store.peers.findPeer(peer)?.state ?? 'none';
}

/** What this side presents to that peer. */
export function tokenFor({ store }: Side, peer: string): string {
  return store.peers.outboundToken(peer as PeerName) ?? '';
}

export const nodeOf = (side: Side) => `n${side.name}` as NodeId;
