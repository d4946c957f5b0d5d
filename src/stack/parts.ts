import { createAuditLog } from '../audit/audit-log.ts';
import { createInboxWorker } from '../delivery/inbox-worker.ts';
import { DELIVERY_LIMITS } from '../delivery/limits.ts';
import { createReplyHolds } from '../delivery/reply-holds.ts';
import { createReplyTurn } from '../delivery/reply-turn.ts';
import { createSendBack } from '../delivery/send-back.ts';
import { createTaskWatch } from '../delivery/task-watch.ts';
import { createTurnKey } from '../delivery/turn-key.ts';
import { turnObstacle } from '../core/turn-obstacle.ts';
import { watchedGateway } from '../delivery/watched-ports.ts';
import { createDigests } from '../digests.ts';
import { createJudge } from '../explain/judge.ts';
import { createGateway } from '../gateway/gateway.ts';
import { NO_FAULTS } from '../pairing/fault-points.ts';
import type { PeerName } from '../core/peer.ts';
import type { Store } from '../store/open.ts';
import { systemClock as clock, systemRandom as random } from '../system.ts';
import { createTailnet } from '../tailnet/local-api.ts';
import type { StackDeps } from './deps.ts';

const LOCAL_API_MS = 5_000;

/** Everything that does not need to know our tailnet address. */
export function createParts({ config, version, log, reach = NO_FAULTS }: StackDeps, store: Store) {
  const digests = createDigests();
  const tailnet = createTailnet({ socketPath: config.tailscaleSocket, timeoutMs: LOCAL_API_MS });
  const gateway = createGateway({
    url: config.gatewayUrl,
    credentials: store.credentials,
    clock,
    log,
    displayName: `agent-peer ${config.name}`,
    version,
    onTurn: reach,
  });
  const limits = {
    ...DELIVERY_LIMITS,
    ...config.limits.turns,
    ttlMs: config.messageTtlMs,
    turnMs: config.turnDeadlineMs,
    stopGraceMs: Math.round(config.drainMs * 0.6),
  };
  const replyHolds = createReplyHolds({ peers: store.peers, clock, limits });
  const turnKey = createTurnKey(store.credentials, random);
  const turning = { guard: store.guard, peers: store.peers, turnKey, digests, random, clock, limits };
  const replyTurn = createReplyTurn(turning);
  const audit = createAuditLog({ dataDir: config.dataDir, log, clock });
  /** There is no sender before our address is known; what is in the outbox by then it takes up by itself. */
  const outgoing: { wake: (peer: PeerName) => void } = { wake: () => undefined };
  const wake = (peer: PeerName): void => outgoing.wake(peer);
  const sending = { peers: store.peers, audit, digests, clock, random, limits, wake };
  const tasks = createTaskWatch({ inbox: store.inbox });
  const worker = createInboxWorker({
    inbox: store.inbox,
    restores: store.restores,
    replyHolds,
    gateway: watchedGateway(gateway, reach),
    obstacle: (peer) => turnObstacle(peer, store.peers.policy(), clock.now()),
    random,
    clock,
    log,
    onChange: (message) => tasks.changed(message),
    sendBack: createSendBack(sending, 'turn'),
    limits,
  });
  const judge = createJudge({ peers: store.peers, inbox: store.inbox, guard: store.guard, clock });
  const sendBackApproved = createSendBack(sending, 'person');
  return {
    digests,
    tailnet,
    gateway,
    limits,
    replyHolds,
    replyTurn,
    turnKey,
    tasks,
    worker,
    judge,
    audit,
    sendBackApproved,
    outgoing,
  };
}

export type Parts = ReturnType<typeof createParts>;
