import { createAuditLog } from '../audit/audit-log.ts';
import { createInboxWorker } from '../delivery/inbox-worker.ts';
import { DELIVERY_LIMITS } from '../delivery/limits.ts';
import { createTaskWatch } from '../delivery/task-watch.ts';
import { watchedGateway } from '../delivery/watched-ports.ts';
import { createDigests } from '../digests.ts';
import { createJudge } from '../explain/judge.ts';
import { createGateway } from '../gateway/gateway.ts';
import { NO_FAULTS } from '../pairing/fault-points.ts';
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
  const tasks = createTaskWatch({ inbox: store.inbox });
  const worker = createInboxWorker({
    inbox: store.inbox,
    restores: store.restores,
    gateway: watchedGateway(gateway, reach),
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

export type Parts = ReturnType<typeof createParts>;
