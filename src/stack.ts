import { setTimeout as sleep } from 'node:timers/promises';
import { createAuditLog } from './audit/audit-log.ts';
import type { Config } from './config/env.ts';
import { openLocalTokens, type LocalTokens } from './config/local-tokens.ts';
import type { RefusalReason } from './core/refusal.ts';
import { createInboxWorker } from './delivery/inbox-worker.ts';
import { DELIVERY_LIMITS } from './delivery/limits.ts';
import { createMessages } from './delivery/messages.ts';
import { createOutboxSender } from './delivery/outbox-sender.ts';
import { createTaskWatch } from './delivery/task-watch.ts';
import { createTurnKey } from './delivery/turn-key.ts';
import { createDigests } from './digests.ts';
import { AgentPeerError } from './errors.ts';
import { createJudge } from './explain/judge.ts';
import { createGateway } from './gateway/gateway.ts';
import { createLocalServer, type LocalServer } from './local-server/server.ts';
import type { Log } from './log.ts';
import { NO_FAULTS, type ReachFault } from './pairing/fault-points.ts';
import { createPeerConfigs } from './pairing/describe-stack.ts';
import { createInvites, createTokenRotation } from './pairing/invites.ts';
import { createPairingWorker } from './pairing/pairing-worker.ts';
import type { PairingParts } from './pairing/parts.ts';
import { createPeerAdmin } from './pairing/peer-admin.ts';
import { createPairingResponder } from './pairing/responder.ts';
import { createPeerServer, type PeerServer } from './peer-server/server.ts';
import { createPeerTransport } from './peer-transport/a2a-transport.ts';
import { createPairTransport } from './peer-transport/pair-transport.ts';
import type { Messages } from './ports/delivery.ts';
import type { PeerAdmin } from './ports/owner.ts';
import type { Gateway } from './ports/gateway.ts';
import { openStore, type Store } from './store/open.ts';
import { tellRestore } from './store/tell-restore.ts';
import { watchPolicy } from './store/policy-watch.ts';
import { systemClock as clock, systemRandom as random } from './system.ts';
import { readAddresses, type ReadAddresses } from './tailnet/interfaces.ts';
import { createTailnet } from './tailnet/local-api.ts';
import { waitForTailnet } from './tailnet/readiness.ts';
import { watchNamespace } from './tailnet/watchdog.ts';

export interface StackDeps {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
  /** Ends the waiting at the start. */
  readonly signal: AbortSignal;
  /** Told once when this process can no longer do its work where it is. */
  readonly onDead: (error: AgentPeerError) => void;
  /** Told at each fault point; for tests that end the process there. */
  readonly reach?: ReachFault;
  /** What stands in for the interfaces of the network namespace, in tests. */
  readonly addresses?: ReadAddresses;
}

export interface RunningStack {
  /** Takes nothing new, brings what is under way to disk, and closes all. */
  stop(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const LOCAL_API_MS = 5_000;
const WATCH_EVERY_MS = 5_000;
const POLICY_LOOK_MS = 30_000;
const LOCAL_LIMITS = { bodyBytes: 256 * 1024, connections: 64 };
const BIND_TRIES = 20;
const BIND_EVERY_MS = 250;

/** The address may come to the interface a moment after tailscaled says that it is there. */
async function listenOnTailnet(
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

/** Everything that does not need to know our tailnet address. */
function createParts({ config, version, log }: StackDeps, store: Store) {
  const digests = createDigests();
  const tailnet = createTailnet({ socketPath: config.tailscaleSocket, timeoutMs: LOCAL_API_MS });
  const gateway = createGateway({
    url: config.gatewayUrl,
    credentials: store.credentials,
    clock,
    log,
    displayName: `agent-peer ${config.name}`,
    version,
  });
  const limits = {
    ...DELIVERY_LIMITS,
    ...config.limits.turns,
    ttlMs: config.messageTtlMs,
    turnMs: config.turnDeadlineMs,
    stopGraceMs: Math.round(config.drainMs * 0.6),
  };
  const tasks = createTaskWatch({ inbox: store.inbox });
  const worker = createInboxWorker({
    inbox: store.inbox,
    restores: store.restores,
    gateway,
    random,
    clock,
    log,
    onChange: (message) => tasks.changed(message),
    limits,
  });
  const judge = createJudge({ peers: store.peers, inbox: store.inbox, clock });
  const audit = createAuditLog({ dataDir: config.dataDir, log, clock });
  return { digests, tailnet, gateway, limits, tasks, worker, judge, audit };
}

type Parts = ReturnType<typeof createParts>;

function createOutward({ config, log }: StackDeps, store: Store, parts: Parts, ipv4: string) {
  const { tailnet, limits, audit, digests } = parts;
  const transport = createPeerTransport({
    tailnet,
    peers: store.peers,
    localAddress: ipv4,
    port: config.peerPort,
    log,
  });
  const sender = createOutboxSender({
    outbox: store.outbox,
    peers: store.peers,
    transport,
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

type Outward = ReturnType<typeof createOutward>;

/** Everything about becoming a peer, and remaining one. */
function createPairing(
  { config, log, reach = NO_FAULTS }: StackDeps,
  store: Store,
  { tailnet, digests, gateway }: Parts,
  { sender, ipv4 }: Pick<Outward, 'sender'> & { readonly ipv4: string },
) {
  const port = config.peerPort;
  const pairingParts: PairingParts = {
    peers: store.peers,
    pairings: store.pairings,
    tailnet,
    transport: createPairTransport({ tailnet, localAddress: ipv4, port }),
    digests,
    random,
    clock,
    log,
    defaultAgent: () => gateway.defaultAgent(),
    port,
    onChanged: (peer) => sender.wake(peer),
    reach,
  };
  const worker = createPairingWorker(pairingParts);
  return {
    worker,
    responder: createPairingResponder(pairingParts, (peer) => void worker.now(peer)),
    invites: createInvites(pairingParts, worker),
    rotation: createTokenRotation(pairingParts, worker),
  };
}

type Pairing = ReturnType<typeof createPairing>;

function tellChanged<M>(message: M | null, changed: (message: M) => void): void {
  if (message !== null) changed(message);
}

/** A revoke is over when nothing of the peer's goes on: not its requests here, nor ours there, nor who waits for them. */
function createAdmin(
  { log }: StackDeps,
  store: Store,
  { tailnet, digests, tasks }: Parts,
  { sender, messages, peerServer }: Outward & { readonly peerServer: PeerServer },
): PeerAdmin {
  return createPeerAdmin({
    peers: store.peers,
    pairings: store.pairings,
    tailnet,
    digests,
    clock,
    log,
    onChanged: (peer) => sender.wake(peer),
    onRevoked: (peer, ended) => {
      peerServer.cut(peer);
      sender.cut(peer.name);
      for (const id of ended.outbox)
        tellChanged(store.outbox.find(id), (message) => messages.changed(message));
      for (const id of ended.inbox) tellChanged(store.inbox.find(id), (message) => tasks.changed(message));
    },
  });
}

function createInward(
  { config, version, log }: StackDeps,
  store: Store,
  parts: Parts,
  { responder }: Pick<Pairing, 'responder'>,
): PeerServer {
  return createPeerServer({
    pairing: responder,
    policy: () => store.peers.policy(),
    tailnet: parts.tailnet,
    inbox: store.inbox,
    tasks: parts.tasks,
    wakeInbox: () => parts.worker.wake(),
    audit: parts.audit,
    digests: parts.digests,
    clock,
    random,
    turnKey: createTurnKey(store.credentials, random),
    readiness: () => obstacle(parts.gateway),
    limits: { ...config.limits.listener, defaultTtlMs: config.messageTtlMs },
    name: config.name,
    version,
    log,
  });
}

interface LocalParts extends Pick<Pairing, 'invites' | 'rotation'> {
  readonly messages: Messages;
  readonly admin: PeerAdmin;
  readonly tokens: LocalTokens;
}

function createOnLoopback(
  deps: StackDeps,
  store: Store,
  parts: Parts,
  { messages, admin, invites, rotation, tokens }: LocalParts,
): LocalServer {
  return createLocalServer({
    messages,
    inbox: store.inbox,
    admin,
    invites,
    rotation,
    configs: createPeerConfigs({
      peers: store.peers,
      tailnet: parts.tailnet,
      clock,
      name: deps.config.name,
      port: deps.config.peerPort,
    }),
    judge: parts.judge,
    audit: parts.audit,
    gateway: parts.gateway,
    tailnet: parts.tailnet,
    snapshots: store.snapshots,
    counts: () => ({ outbox: store.outbox.counts(), inbox: store.inbox.counts() }),
    tokens,
    limits: LOCAL_LIMITS,
    version: deps.version,
    log: deps.log,
  });
}

/** Starts everything in the order in which it depends on each other. Throws AgentPeerError with what is in the way. */
export async function startStack(deps: StackDeps): Promise<RunningStack> {
  const { config, log, signal, onDead, addresses = readAddresses } = deps;
  const { dataDir, keyFile, limits } = config;
  const store = openStore({ dataDir, keyFile, limits: limits.sends, clock, log });
  tellRestore(store, log);
  const tokens = openLocalTokens(config);
  const parts = createParts(deps, store);
  const { tailnet, gateway, worker } = parts;
  const { ipv4, nodeId } = await waitForTailnet({
    tailnet,
    waitMs: config.tailnetWaitMs,
    log,
    clock,
    signal,
    addresses,
  });
  gateway.start();
  const { sender, messages } = createOutward(deps, store, parts, ipv4);
  const pairing = createPairing(deps, store, parts, { sender, ipv4 });
  const peerServer = createInward(deps, store, parts, pairing);
  const admin = createAdmin(deps, store, parts, { sender, messages, peerServer });
  const localServer = createOnLoopback(deps, store, parts, { ...pairing, messages, admin, tokens });
  await listenOnTailnet(peerServer, ipv4, config.peerPort);
  log.info('listening', { to: 'peers', address: `${ipv4}:${config.peerPort}`, nodeId });
  await localServer.listen(LOOPBACK, config.localPort);
  log.info('listening', { to: 'this machine', address: `${LOOPBACK}:${config.localPort}` });
  worker.start();
  sender.start();
  pairing.worker.start();
  const endPolicyWatch = watchPolicy({ peers: store.peers, log, everyMs: POLICY_LOOK_MS });
  const endWatch = watchNamespace({ tailnet, ipv4, intervalMs: WATCH_EVERY_MS, onDead, addresses });
  return {
    stop: async () => {
      endWatch();
      endPolicyWatch();
      const graceMs = Math.round(config.drainMs * 0.8);
      await Promise.all([
        peerServer.close(graceMs),
        localServer.close(graceMs),
        sender.stop(),
        pairing.worker.stop(),
        worker.stop(),
      ]);
      await gateway.close();
      parts.audit.close();
      store.close();
    },
  };
}
