/**
 * The whole door of one stack: listener, store, inbox worker and gateway client are the real ones, on real sockets and
 * files. Behind them stands the fake gateway, which keeps every frame; beside them the fake tailnet.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alias } from '../../src/core/alias.ts';
import { DEFAULT_TERMS, type InboundGrant } from '../../src/core/grant.ts';
import type { NodeId, Peer, PeerName } from '../../src/core/peer.ts';
import type { PolicyLimits } from '../../src/core/policy.ts';
import type { RefusalReason } from '../../src/core/refusal.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import { createInboxWorker } from '../../src/delivery/inbox-worker.ts';
import { DELIVERY_LIMITS } from '../../src/delivery/limits.ts';
import { createTaskWatch } from '../../src/delivery/task-watch.ts';
import { createTurnKey } from '../../src/delivery/turn-key.ts';
import { createDigests } from '../../src/digests.ts';
import type { Log } from '../../src/log.ts';
import type { PeerServerLimits } from '../../src/peer-server/limits.ts';
import { createPeerServer } from '../../src/peer-server/server.ts';
import type { AuditEntry, AuditLog, Clock, Gateway } from '../../src/ports.ts';
import { openStore } from '../../src/store/open.ts';
import { systemRandom } from '../../src/system.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { startFakeGateway, type FakeGateway, type FakeGatewayOptions } from './fake-gateway.ts';
import { fakeTailnet, tailnetNode, tailnetState, type TailnetState } from './fake-tailnet.ts';
import { createMemoryLog, type MemoryLog } from './memory-log.ts';
import { createPart } from './paired-gateway.ts';
import { ADDRESS } from './peer-listener.ts';

export interface DoorOptions {
  readonly limits?: Partial<PeerServerLimits>;
  readonly policyLimits?: PolicyLimits;
  readonly gateway?: FakeGatewayOptions;
}

/** Who a paired node is when it calls: what a test sends with, and from where. */
export interface Caller {
  readonly token: string;
  readonly from: string;
}

/** What a run of the proxy finds, and leaves to the next one. */
export interface Standing {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly tailnet: TailnetState;
  readonly audit: AuditLog;
  readonly log: Log;
  readonly gateway: Gateway;
  /** Why this stack takes no message now. */
  readonly state: { obstacle: RefusalReason | null };
  readonly options: DoorOptions;
}

const digests = createDigests();

/** Every part of one run of the proxy. */
export async function startProxy({ dataDir, clock, tailnet, audit, log, gateway, state, options }: Standing) {
  const { limits = {}, policyLimits } = options;
  const store = openStore({
    dataDir,
    keyFile: join(dataDir, 'key'),
    clock,
    log,
    ...(policyLimits === undefined ? {} : { limits: policyLimits }),
  });
  const tasks = createTaskWatch({ inbox: store.inbox });
  const worker = createInboxWorker({
    inbox: store.inbox,
    gateway,
    random: systemRandom,
    clock,
    log,
    onChange: (message) => tasks.changed(message),
    limits: { ...DELIVERY_LIMITS, lookEveryMs: 5, undecidedMs: 20, stopGraceMs: 20 },
  });
  const server = createPeerServer({
    policy: () => store.peers.policy(),
    tailnet: fakeTailnet(tailnet),
    inbox: store.inbox,
    tasks,
    wakeInbox: () => worker.wake(),
    audit,
    digests,
    clock,
    random: systemRandom,
    turnKey: createTurnKey(store.credentials, systemRandom),
    readiness: () => state.obstacle,
    limits: { attemptsPerMinute: 1e6, pollsPerMinute: 1e6, ...limits },
    name: 'alice-stack',
    version: '0.1.0',
    log,
  });
  await server.listen(ADDRESS.self, 0);
  worker.start();
  let isOpen = true;
  const closeStore = () => {
    if (isOpen) store.close();
    isOpen = false;
  };
  const stop = async () => {
    await Promise.all([server.close(0), worker.stop()]);
    closeStore();
  };
  return { store, server, stop, closeStore };
}

/** The gateway as the worker sees it: away while `open` is false, so that what was accepted stays so. */
function gated(gateway: Gateway, gate: { open: boolean }): Gateway {
  return {
    ...gateway,
    state: () => (gate.open ? gateway.state() : { kind: 'connecting', detail: 'kept away by the test' }),
    whenReady: (signal) =>
      new Promise((resolve) => {
        const look = setInterval(() => {
          if (!gate.open && !signal.aborted) return;
          clearInterval(look);
          resolve(gateway.whenReady(signal));
        }, 5);
      }),
  };
}

async function startGateway(options: FakeGatewayOptions) {
  const fake = await startFakeGateway({ autoApprove: true, ...options });
  const { gateway } = createPart(fake.url);
  gateway.start();
  await gateway.pair(fake.sharedToken);
  await gateway.whenReady(AbortSignal.timeout(5_000));
  return { fake, gateway };
}

/** A peer with a token of its own, whose node is in the tailnet from now on. */
export function peerAt(tailnet: TailnetState, name: string, from: string, over: Partial<Peer> = {}) {
  const token = `apt_${name}${'-'.repeat(43 - name.length)}`;
  const nodeId = `n${name.replaceAll('-', '')}` as NodeId;
  tailnet.peers.push(tailnetNode(nodeId, from));
  const tokenDigest = digests.token(token);
  const peer: Peer = {
    name: name as PeerName,
    nodeId,
    login: '',
    tokenDigest,
    state: 'active',
    expiresAt: null,
    ...over,
  };
  return { peer, caller: { token, from } };
}

/** What an alias of a peer stands for here; no answer may hold any of it. */
export function sessionOf(peer: string, alias: string): SessionKey {
  return `agent:main:secret-${peer}-${alias}` as SessionKey;
}

export function grantOf(peer: string, alias: string, over: Partial<InboundGrant> = {}): InboundGrant {
  return {
    direction: 'inbound',
    ...DEFAULT_TERMS,
    peer: peer as PeerName,
    alias: alias as Alias,
    sessionKey: sessionOf(peer, alias),
    ...over,
  };
}

export interface Door {
  readonly port: () => number;
  readonly url: () => string;
  readonly store: () => ReturnType<typeof openStore>;
  readonly clock: FakeClock;
  readonly tailnet: TailnetState;
  readonly audit: AuditEntry[];
  readonly log: MemoryLog;
  readonly fake: FakeGateway;
  readonly dataDir: string;
  readonly state: { obstacle: RefusalReason | null };
  /** While it is not open, messages are taken and none is run. */
  readonly gate: { open: boolean };
  /** Session keys of the turns that the gateway was asked for, in order. */
  readonly turns: () => readonly string[];
  readonly addPeer: (name: string, from: string, over?: Partial<Peer>) => Caller;
  readonly grant: (peer: string, alias: string, over?: Partial<InboundGrant>) => InboundGrant;
  /** The store dies, and everything else goes on. */
  readonly killStore: () => void;
  /** Ends this run of the proxy, and begins another; `between` happens while nothing runs. */
  readonly restart: (between?: () => void) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function startDoor(options: DoorOptions = {}): Promise<Door> {
  const dataDir = mkdtempSync(join(tmpdir(), 'agent-peer-door-'));
  const { fake, gateway } = await startGateway(options.gateway ?? {});
  const gate = { open: true };
  const clock = createFakeClock();
  const log = createMemoryLog();
  const audit: AuditEntry[] = [];
  const standing: Standing = {
    ...{ dataDir, clock, log, options },
    tailnet: tailnetState(tailnetNode('nself', ADDRESS.self)),
    audit: { record: (entry) => void audit.push(entry) },
    gateway: gated(gateway, gate),
    state: { obstacle: null },
  };
  let parts = await startProxy(standing);
  const { tailnet, state } = standing;
  const port = () => parts.server.port() ?? 0;
  return {
    ...{ clock, tailnet, audit, log, fake, dataDir, state, gate, port },
    url: () => `http://${ADDRESS.self}:${port()}`,
    store: () => parts.store,
    turns: () =>
      fake.frames
        .filter(({ method }) => method === 'agent')
        .map(({ params }) => String(params['sessionKey'])),
    addPeer: (name, from, over = {}) => {
      const { peer, caller } = peerAt(tailnet, name, from, over);
      parts.store.peers.addPeer(peer);
      return caller;
    },
    grant: (peer, alias, over) => {
      const grant = grantOf(peer, alias, over);
      parts.store.peers.putGrant(grant);
      return grant;
    },
    killStore: () => parts.closeStore(),
    restart: async (between = () => undefined) => {
      await parts.stop();
      between();
      parts = await startProxy(standing);
    },
    close: async () => {
      gate.open = true;
      await parts.stop();
      await gateway.close();
      await fake.crash();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
