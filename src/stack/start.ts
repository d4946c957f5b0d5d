import { openLocalTokens } from '../config/local-tokens.ts';
import type { NodeId } from '../core/peer.ts';
import { createRetention } from '../delivery/retention.ts';
import { watchedInbox, watchedOutbox } from '../delivery/watched-ports.ts';
import { NO_FAULTS } from '../pairing/fault-points.ts';
import { openStore, type Store } from '../store/open.ts';
import { watchPolicy } from '../store/policy-watch.ts';
import { tellRestore } from '../store/tell-restore.ts';
import { systemClock as clock } from '../system.ts';
import { readAddresses } from '../tailnet/interfaces.ts';
import { waitForTailnet } from '../tailnet/readiness.ts';
import { watchNodes } from '../tailnet/node-watch.ts';
import { watchNamespace } from '../tailnet/watchdog.ts';
import { createAdmin } from './admin.ts';
import type { Reach, RunningStack, StackDeps } from './deps.ts';
import { createOwnersHolds } from './holds.ts';
import { createInward, listenOnTailnet } from './inward.ts';
import { createOnLoopback } from './loopback.ts';
import { createNotices } from './notices.ts';
import { createOutward, wakeNode } from './outward.ts';
import { createPairing } from './pairing.ts';
import { createParts } from './parts.ts';
import { openWaysIn } from './ways-in.ts';

const WATCH_EVERY_MS = 5_000;
const NODES_EVERY_MS = 3_000;
const POLICY_LOOK_MS = 30_000;

function watchedStore(store: Store, reach: Reach): Store {
  return { ...store, outbox: watchedOutbox(store.outbox, reach), inbox: watchedInbox(store.inbox, reach) };
}

/** Starts everything in the order in which it depends on each other. Throws AgentPeerError with what is in the way. */
export async function startStack(deps: StackDeps): Promise<RunningStack> {
  const { config, log, signal, onDead, addresses = readAddresses, reach = NO_FAULTS } = deps;
  const { dataDir, keyFile, limits } = config;
  const store = watchedStore(openStore({ dataDir, keyFile, limits: limits.sends, clock, log }), reach);
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
  const outward = createOutward(deps, store, parts, ipv4);
  const { sender } = outward;
  const pairing = createPairing(deps, store, parts, { sender, ipv4 });
  const peerServer = createInward(deps, store, parts, { ...pairing, sender });
  const holds = createOwnersHolds(store, parts, outward);
  const admin = createAdmin(deps, store, parts, { ...outward, peerServer });
  const notices = createNotices(deps, store, parts);
  const localServer = createOnLoopback(deps, store, parts, { ...pairing, ...outward, holds, admin, tokens });
  await listenOnTailnet(peerServer, ipv4, config.peerPort);
  log.info('listening', { to: 'peers', address: `${ipv4}:${config.peerPort}`, nodeId });
  await openWaysIn(localServer, { config, log, addresses });
  worker.start();
  sender.start();
  pairing.worker.start();
  notices.start();
  const retention = createRetention({
    store: store.retention,
    fillReserve: () => store.reserve.fill(),
    clock,
    log,
    limits: config.retention,
  });
  retention.start();
  const endPolicyWatch = watchPolicy({ peers: store.peers, log, everyMs: POLICY_LOOK_MS });
  const onBack = (node: NodeId) => wakeNode(store, outward, node);
  const endNodeWatch = watchNodes({ tailnet, intervalMs: NODES_EVERY_MS, onBack });
  const endWatch = watchNamespace({ tailnet, ipv4, intervalMs: WATCH_EVERY_MS, onDead, addresses });
  return {
    stop: async () => {
      endWatch();
      endNodeWatch();
      endPolicyWatch();
      const graceMs = Math.round(config.drainMs * 0.8);
      await Promise.all([
        peerServer.close(graceMs),
        localServer.close(graceMs),
        sender.stop(),
        pairing.worker.stop(),
        worker.stop(),
        notices.stop(),
        retention.stop(),
      ]);
      await gateway.close();
      parts.audit.close();
      store.close();
    },
  };
}
