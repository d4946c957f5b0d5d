/** One run of the proxy as far as peers see it: listener, store and inbox worker, on real sockets and files. */
import { join } from 'node:path';
import type { Alias } from '../../src/core/alias.ts';
import { DEFAULT_TERMS, type InboundGrant } from '../../src/core/grant.ts';
import { BY_TASK, type NodeId, type Peer, type PeerName } from '../../src/core/peer.ts';
import type { PolicyLimits } from '../../src/core/policy.ts';
import type { RefusalReason } from '../../src/core/refusal.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import { turnObstacle } from '../../src/core/turn-obstacle.ts';
import { createInboxWorker } from '../../src/delivery/inbox-worker.ts';
import { DELIVERY_LIMITS } from '../../src/delivery/limits.ts';
import { createReplyHolds } from '../../src/delivery/reply-holds.ts';
import { createTaskWatch } from '../../src/delivery/task-watch.ts';
import { createTurnKey } from '../../src/delivery/turn-key.ts';
import { createDigests } from '../../src/digests.ts';
import type { Log } from '../../src/log.ts';
import type { PeerServerLimits } from '../../src/peer-server/limits.ts';
import { createPeerServer } from '../../src/peer-server/server.ts';
import type { AuditLog } from '../../src/ports/audit.ts';
import type { Gateway } from '../../src/ports/gateway.ts';
import type { Clock } from '../../src/ports/machine.ts';
import { openStore } from '../../src/store/open.ts';
import { systemRandom } from '../../src/system.ts';
import { fakeTailnet, tailnetNode, type TailnetState } from './fake-tailnet.ts';
import { NO_PAIRING } from './no-pairing.ts';
import { ADDRESS } from './peer-listener.ts';
import { ROOMY_LIMITS } from './budgets.ts';
import { NO_SEND_BACK } from './no-send-back.ts';

export interface ProxyOptions {
  readonly limits?: Partial<PeerServerLimits>;
  readonly policyLimits?: PolicyLimits;
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
  readonly options: ProxyOptions;
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
    limits: policyLimits ?? ROOMY_LIMITS,
  });
  const tasks = createTaskWatch({ inbox: store.inbox });
  const worker = createInboxWorker({
    sendBack: NO_SEND_BACK,
    inbox: store.inbox,
    replyHolds: createReplyHolds({ peers: store.peers, clock, limits: DELIVERY_LIMITS }),
    restores: store.restores,
    gateway,
    obstacle: (peer) => turnObstacle(peer, store.peers.policy(), clock.now()),
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
    guard: store.guard,
    tasks,
    pairing: NO_PAIRING,
    wakeInbox: () => worker.wake(),
    heard: () => undefined,
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
    overlap: null,
    replies: BY_TASK,
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
