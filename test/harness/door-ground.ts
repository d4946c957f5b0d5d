/**
 * The whole door of one stack: listener, store, inbox worker and gateway client are the real ones, on real sockets and
 * files. Behind them stands the fake gateway, which keeps every frame; beside them the fake tailnet.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InboundGrant } from '../../src/core/grant.ts';
import type { Peer } from '../../src/core/peer.ts';
import type { RefusalReason } from '../../src/core/refusal.ts';
import type { AuditEntry } from '../../src/ports/audit.ts';
import type { Gateway } from '../../src/ports/gateway.ts';
import type { Store } from '../../src/store/open.ts';
import { grantOf, peerAt, startProxy, type Caller, type ProxyOptions, type Standing } from './door-proxy.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { startFakeGateway, type FakeGateway, type FakeGatewayOptions } from './fake-gateway.ts';
import { tailnetNode, tailnetState, type TailnetState } from './fake-tailnet.ts';
import { createMemoryLog, type MemoryLog } from './memory-log.ts';
import { createPart } from './paired-gateway.ts';
import { ADDRESS } from './peer-listener.ts';

export interface DoorOptions extends ProxyOptions {
  readonly gateway?: FakeGatewayOptions;
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

export interface Door {
  readonly port: () => number;
  readonly url: () => string;
  readonly store: () => Store;
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
