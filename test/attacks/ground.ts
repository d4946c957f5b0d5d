import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alias } from '../../src/core/alias.ts';
import { PLAIN } from '../../src/core/content.ts';
import { DEFAULT_TERMS } from '../../src/core/grant.ts';
import type { ConversationId, MessageId, TaskId } from '../../src/core/message.ts';
import { BY_TASK, type NodeId, type PeerName } from '../../src/core/peer.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import { turnObstacle } from '../../src/core/turn-obstacle.ts';
import { createInboxWorker } from '../../src/delivery/inbox-worker.ts';
import { DELIVERY_LIMITS } from '../../src/delivery/limits.ts';
import { createTaskWatch } from '../../src/delivery/task-watch.ts';
import { createTurnKey } from '../../src/delivery/turn-key.ts';
import { createDigests } from '../../src/digests.ts';
import { NO_FAULTS } from '../../src/pairing/fault-points.ts';
import { createPairingResponder } from '../../src/pairing/responder.ts';
import type { PeerServerLimits } from '../../src/peer-server/limits.ts';
import { createPeerServer } from '../../src/peer-server/server.ts';
import type { PairingResponder } from '../../src/ports/pairing.ts';
import type { Tailnet } from '../../src/ports/tailnet.ts';
import { openStore, type Store } from '../../src/store/open.ts';
import { systemClock as clock, systemRandom as random } from '../../src/system.ts';
import { startFakeGateway, type FakeGateway } from '../harness/fake-gateway.ts';
import { fakeTailnet, tailnetNode, tailnetState } from '../harness/fake-tailnet.ts';
import { createMemoryLog, type MemoryLog } from '../harness/memory-log.ts';
import { createPart } from '../harness/paired-gateway.ts';
import type { Aim } from './attack.ts';
import { SENT } from './corpus/pair-call.ts';
import { bringTo } from '../harness/inbox-moves.ts';
import { ROOMY } from '../harness/budgets.ts';
import { NO_SEND_BACK } from '../harness/no-send-back.ts';

/** Loopback addresses that stand in for the tailnet's: each is its own node to whois. */
const SELF = '127.0.0.1';
const NODES = { bob: '127.0.0.2', carol: '127.0.0.3', mallory: '127.0.0.4' } as const;

const TOKENS = {
  bob: 'apt_bob-bob-bob-bob-bob-bob-bob-bob-bob-bob-bobbo',
  carol: 'apt_carol-carol-carol-carol-carol-carol-carol-ca',
};
const INVITE_SECRET = 'the-secret-of-an-open-invite';
const SESSIONS = { bob: 'agent:main:peer-bob', carol: 'agent:main:peer-carol' } as const;
const ALIASES = { bob: 'handoff', carol: 'notes' } as const;

/** What carol sent and was told, long before the attacks. */
const OLD = {
  taskId: '8d6d2f0e-8b2a-4a4e-9d5b-0c6c5a1f7e01',
  messageId: 'carol-1',
  conversation: 'carol-conversation',
  text: 'what carol asked',
  reply: 'what carol was told',
};

/** What a stack counts is tested elsewhere: here nobody may be sent away for having asked often. */
const NEVER_REACHED = 1_000_000;
const COUNTS = {
  pollsPerMinute: NEVER_REACHED,
  attemptsPerMinute: NEVER_REACHED,
  guessesPerMinute: NEVER_REACHED,
};
const SENDS = { sendsPerMinute: NEVER_REACHED, totalSendsPerMinute: NEVER_REACHED, budgets: ROOMY };

/**
 * For slow senders: the times made short, though longer than the second for which a refused body is read away, and
 * room for all senders at once.
 */
export const FOR_SLOW_SENDERS: Partial<PeerServerLimits> = {
  headersMs: 2_500,
  requestMs: 5_000,
  idleMs: 5_000,
  connections: 256,
  connectionsPerNode: 256,
};

const digests = createDigests();

function addPeers(store: Store): void {
  for (const name of ['bob', 'carol'] as const) {
    const nodeId = `n${name}` as NodeId;
    store.peers.addPeer({
      name: name as PeerName,
      nodeId,
      login: `${nodeId}@example.com`,
      tokenDigest: digests.token(TOKENS[name]),
      overlap: null,
      replies: BY_TASK,
      state: 'active',
      expiresAt: null,
    });
    store.peers.putGrant({
      direction: 'inbound',
      ...DEFAULT_TERMS,
      peer: name as PeerName,
      alias: ALIASES[name] as Alias,
      sessionKey: SESSIONS[name] as SessionKey,
    });
  }
}

/** A task of carol's that is over: nothing of it may ever be shown to anyone else. */
function addOldTask(store: Store): void {
  const now = clock.now();
  const taskId = OLD.taskId as TaskId;
  store.inbox.accept({
    taskId,
    peer: 'carol' as PeerName,
    messageId: OLD.messageId as MessageId,
    contentDigest: digests.text(OLD.text),
    alias: ALIASES.carol as Alias,
    sessionKey: SESSIONS.carol as SessionKey,
    conversation: OLD.conversation as ConversationId,
    text: OLD.text,
    content: PLAIN,
    hold: null,
    hop: 0,
    createdAt: now,
    expiresAt: now + 3_600_000,
    turnKey: 'old',
  });
  bringTo(store.inbox, taskId, 'replied', { reply: OLD.reply, now });
}

/** Stands where attacks point to; `visits` are the connections that came. */
async function startCanary() {
  const seen = { visits: 0 };
  const server = createServer((socket) => {
    seen.visits += 1;
    socket.destroy();
  });
  server.listen(0, SELF);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://${SELF}:${address.port}/`, seen, close: () => server.close() };
}

async function pairedGateway(fake: FakeGateway) {
  const { gateway } = createPart(fake.url);
  gateway.start();
  await gateway.pair(fake.sharedToken);
  await gateway.whenReady(AbortSignal.timeout(5_000));
  return gateway;
}

/** The true answering end, for which there is one open invite: nobody here knows its secret. */
function pairingOf(store: Store, tailnet: Tailnet, log: MemoryLog): PairingResponder {
  store.pairings.addInvite({
    id: 'open',
    peer: 'dave' as PeerName,
    secretDigest: digests.token(INVITE_SECRET),
    nodeId: null,
    claimedBy: null,
    cancelled: false,
    confirmed: true,
    grants: [],
    hold: 'none',
    peerExpiresAt: null,
    createdAt: clock.now(),
    expiresAt: clock.now() + 3_600_000,
  });
  const { peers, pairings } = store;
  return createPairingResponder(
    {
      ...{ peers, pairings, tailnet, digests, random, clock, log, port: 8080, reach: NO_FAULTS },
      transport: { send: () => Promise.resolve({ kind: 'unreachable', detail: 'nobody is there' }) },
      defaultAgent: () => Promise.resolve(null),
      onChanged: () => undefined,
    },
    () => undefined,
  );
}

export interface AttackGround {
  readonly port: number;
  readonly host: string;
  readonly nodes: typeof NODES;
  readonly store: Store;
  readonly fake: FakeGateway;
  readonly log: MemoryLog;
  readonly canary: { readonly visits: number };
  /** The one session that bob may reach. */
  readonly session: string;
  /** Words that no answer may hold. */
  readonly secrets: readonly string[];
  /** Messages that were in the inbox before. */
  readonly before: readonly string[];
  /** For bob's token, or for none. */
  readonly aim: (withToken: boolean) => Aim;
  close(): Promise<void>;
}

/** A peer listener over a real store, an inbox worker and a paired gateway; bob may write to one session, carol to another. */
export async function startAttackGround(limits: Partial<PeerServerLimits> = {}): Promise<AttackGround> {
  const dataDir = mkdtempSync(join(tmpdir(), 'agent-peer-attacks-'));
  const log = createMemoryLog();
  const store = openStore({ dataDir, keyFile: join(dataDir, 'key'), limits: SENDS, clock, log });
  addPeers(store);
  addOldTask(store);
  const canary = await startCanary();
  const fake = await startFakeGateway({ autoApprove: true });
  const gateway = await pairedGateway(fake);
  const tasks = createTaskWatch({ inbox: store.inbox });
  const onChange = tasks.changed.bind(tasks);
  const worker = createInboxWorker({
    sendBack: NO_SEND_BACK,
    inbox: store.inbox,
    replyHolds: () => null,
    restores: store.restores,
    gateway,
    obstacle: (peer) => turnObstacle(peer, store.peers.policy(), clock.now()),
    random,
    clock,
    log,
    onChange,
    limits: DELIVERY_LIMITS,
  });
  const others = Object.entries(NODES).map(([name, address]) => tailnetNode(`n${name}`, address));
  const tailnet = fakeTailnet(tailnetState(tailnetNode('nself', SELF), others));
  const server = createPeerServer({
    policy: () => store.peers.policy(),
    tailnet,
    inbox: store.inbox,
    guard: store.guard,
    tasks,
    pairing: pairingOf(store, tailnet, log),
    wakeInbox: () => worker.wake(),
    heard: () => undefined,
    audit: { record: () => undefined },
    digests,
    clock,
    random,
    turnKey: createTurnKey(store.credentials, random),
    readiness: () => null,
    limits: { ...COUNTS, ...limits },
    name: 'alice-stack',
    version: '0.1.0',
    log,
  });
  await server.listen(SELF, 0);
  worker.start();
  const port = server.port() ?? 0;
  const host = `100.64.0.1:${port}`;
  return {
    port,
    host: SELF,
    nodes: NODES,
    store,
    fake,
    log,
    canary: canary.seen,
    session: SESSIONS.bob,
    secrets: [
      SESSIONS.bob,
      SESSIONS.carol,
      OLD.text,
      OLD.reply,
      TOKENS.bob,
      TOKENS.carol,
      INVITE_SECRET,
      ...Object.values(SENT),
      dataDir,
      'node_modules',
      '.ts:',
    ],
    before: [OLD.text],
    aim: (withToken) => ({
      token: withToken ? TOKENS.bob : null,
      host,
      alias: ALIASES.bob,
      other: { ...OLD, token: TOKENS.carol, alias: ALIASES.carol },
      canary: canary.url,
    }),
    close: async () => {
      await server.close(0);
      await worker.stop();
      await gateway.close();
      await fake.crash();
      canary.close();
      store.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}
