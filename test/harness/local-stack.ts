import { request, type IncomingHttpHeaders } from 'node:http';
import { onTestFinished } from 'vitest';
import { createAuditLog, type OpenAuditLog } from '../../src/audit/audit-log.ts';
import { createAttestation } from '../../src/delivery/attest-session.ts';
import { createChanges } from '../../src/delivery/changes.ts';
import { createConversations } from '../../src/delivery/conversations.ts';
import { createMessageControl } from '../../src/delivery/message-control.ts';
import { createDigests, newPeerToken } from '../../src/digests.ts';
import { createAgentApi } from '../../src/local-server/agent-api.ts';
import { createAliasChoice } from '../../src/local-server/alias-choice.ts';
import { apiRoutes } from '../../src/local-server/api-routes.ts';
import { createLocalServer, type LocalServer, type LocalServerDeps } from '../../src/local-server/server.ts';
import { createPeerConfigs } from '../../src/pairing/describe-stack.ts';
import { NO_FAULTS } from '../../src/pairing/fault-points.ts';
import { createInvites, createTokenRotation } from '../../src/pairing/invites.ts';
import { createPairingWorker } from '../../src/pairing/pairing-worker.ts';
import type { PairingParts } from '../../src/pairing/parts.ts';
import { createPeerAdmin } from '../../src/pairing/peer-admin.ts';
import type { OutboxEvent } from '../../src/core/outbox.ts';
import type { NodeId, PeerName } from '../../src/core/peer.ts';
import { createJudge } from '../../src/explain/judge.ts';
import type { AgentTools } from '../../src/core/strong-tools.ts';
import type { TaskCancelled } from '../../src/ports/delivery.ts';
import type { GatewayPairing, GatewaySessions, GatewayState, PairingStep } from '../../src/ports/gateway.ts';
import type { OutboxMessage } from '../../src/ports/messages.ts';
import type { PairAnswer, PairRequest } from '../../src/ports/pairing.ts';
import { createMcpMount } from '../../src/stack/mcp.ts';
import { createPeerReads, type PeerReadsDeps } from '../../src/peer-transport/peer-reads.ts';
import { peersMount } from '../../src/stack/peers-mount.ts';
import { systemRandom } from '../../src/system.ts';
import { checkAnswer, holdToPromises } from './answer-check.ts';
import { fakeTailnet, tailnetNode, tailnetState, type TailnetState } from './fake-tailnet.ts';
import { createMemoryLog, type MemoryLog } from './memory-log.ts';
import { sampleOutboundGrant, samplePeer } from './samples.ts';
import { storeHolds } from './store-holds.ts';
import { storeMessages } from './store-messages.ts';
import { tempFolder } from './temp-folder.ts';
import { tempStore, type TempStore } from './temp-store.ts';

export const OWNER = `apo_${'o'.repeat(43)}`;
export const AGENT = `apa_${'a'.repeat(43)}`;
const BODY_BYTES = 256 * 1024;

/** A gateway that does what the test says; `pair` may be an error to throw. */
export interface ScriptedGateway {
  state: GatewayState;
  pair: PairingStep | Error;
  /** What there is to forget. */
  deviceId: string | null;
  sessions: Awaited<ReturnType<GatewaySessions['sessions']>> | Error;
  /** By session key; none for those that are not here. */
  tools: Record<string, AgentTools>;
  /** Session keys in which a turn runs now; an error where the gateway cannot be asked. */
  running: ReadonlySet<string> | Error;
  /** Shared tokens that were presented. */
  readonly presented: string[];
}

export function scriptedGateway(): ScriptedGateway {
  return {
    state: { kind: 'unpaired' },
    pair: new Error('not scripted'),
    deviceId: null,
    sessions: new Error('not scripted'),
    tools: {},
    running: new Set(),
    presented: [],
  };
}

export function gatewayOf(
  script: ScriptedGateway,
): { state(): GatewayState } & GatewayPairing & GatewaySessions {
  return {
    state: () => script.state,
    pair: (token) => {
      script.presented.push(token);
      return script.pair instanceof Error ? Promise.reject(script.pair) : Promise.resolve(script.pair);
    },
    unpair: () => {
      script.state = { kind: 'unpaired' };
      return Promise.resolve({ deviceId: script.deviceId });
    },
    sessions: () =>
      script.sessions instanceof Error ? Promise.reject(script.sessions) : Promise.resolve(script.sessions),
    defaultAgent: () => Promise.resolve('main'),
    isRunning: (key) =>
      script.running instanceof Error
        ? Promise.reject(script.running)
        : Promise.resolve(script.running.has(key)),
    agentTools: (key) => Promise.resolve(script.tools[key] ?? { kind: 'known', tools: [] }),
  };
}

/** What the stack at the other end of a pairing answers. */
export interface ScriptedOther {
  answer: (request: PairRequest) => PairAnswer<PairRequest['type']>;
}

/** Everything about peers over this store, with one scripted stack at the other end. */
function pairingOver(
  parts: Omit<PairingParts, 'transport' | 'defaultAgent' | 'port' | 'onChanged' | 'reach'>,
  other: ScriptedOther,
) {
  const all: PairingParts = {
    ...parts,
    transport: {
      send: (_to, _token, request) => Promise.resolve(other.answer(request) as PairAnswer<never>),
    },
    defaultAgent: () => Promise.resolve('main'),
    port: 8080,
    onChanged: () => undefined,
    reach: NO_FAULTS,
  };
  const worker = createPairingWorker(all);
  onTestFinished(() => worker.stop());
  return {
    invites: createInvites(all, worker),
    rotation: createTokenRotation(all, worker),
    configs: createPeerConfigs({ ...all, name: 'alice' }),
    admin: createPeerAdmin({
      ...all,
      onRevoked: () => undefined,
      onPaused: () => 0,
      onResumed: () => undefined,
    }),
  };
}

export interface LocalStack {
  readonly port: number;
  readonly store: TempStore;
  readonly tailnet: TailnetState;
  readonly gateway: ScriptedGateway;
  readonly other: ScriptedOther;
  /** What a peer says to the wish to take a message back. */
  readonly peerSays: { cancel: TaskCancelled };
  /** Peers for which the sender was told to try again. */
  readonly retried: readonly string[];
  readonly log: MemoryLog;
  readonly audit: OpenAuditLog;
  /** The system's clock, as far ahead of the true time as the test says. */
  readonly clock: { aheadMs: number };
  /** What the sender would do: applies an event to a message and tells those who wait. */
  happen(id: string, event: OutboxEvent): OutboxMessage;
  /** A peer that messages can be sent to. */
  addPeer(name: string): void;
  readonly server: Pick<LocalServer, 'listenPublished' | 'listenSocket'>;
  close(graceMs: number): Promise<void>;
}

export interface LocalOptions extends Partial<Pick<LocalServerDeps, 'agentNeedsToken' | 'hosts'>> {
  /** A new one when absent. */
  readonly dataDir?: string;
  /** The port that peers listen on. */
  readonly peerPort?: number;
  /** Of a read that is relayed to a peer. */
  readonly readLimits?: PeerReadsDeps['limits'];
}

/** The loopback API on a real port, over a real store; tailscaled, the gateway and other stacks are stood in for. */
export async function startLocalStack(options: LocalOptions = {}): Promise<LocalStack> {
  const { dataDir, agentNeedsToken = true, hosts = [], peerPort = 8080, readLimits = {} } = options;
  const clock = { aheadMs: 0, now: () => Date.now() + clock.aheadMs };
  const store = tempStore(clock, dataDir);
  const log = createMemoryLog();
  const audit = createAuditLog({ dataDir: tempFolder(), log, clock });
  const tailnet = tailnetState(tailnetNode('nalice', '100.64.0.1'), [
    tailnetNode('nbob', '100.64.0.2'),
    tailnetNode('ncarol', '100.64.0.3'),
  ]);
  const gateway = scriptedGateway();
  const other: ScriptedOther = { answer: () => ({ kind: 'unreachable', detail: 'nobody is there' }) };
  const net = fakeTailnet(tailnet);
  const digests = createDigests();
  const messages = storeMessages(store, { audit, digests, clock });
  const peerSays: { cancel: TaskCancelled } = { cancel: { kind: 'cancelled' } };
  const retried: string[] = [];
  const control = createMessageControl({
    outbox: store.outbox,
    peers: store.peers,
    sender: {
      between: (_message, act) => Promise.resolve(act()),
      retry: (peer) => void retried.push(peer),
      wake: () => undefined,
    },
    transport: { cancel: () => Promise.resolve(peerSays.cancel) },
    clock,
    onChange: (message) => messages.changed(message),
  });
  const holds = storeHolds(store, { audit, digests, clock }, messages);
  const aliasFor = createAliasChoice({ peers: store.peers, clock });
  const agentApi = createAgentApi({ messages, peers: store.peers, clock, aliasFor });
  const deps: LocalServerDeps = {
    messages,
    agentApi,
    aliasFor,
    attestation: createAttestation(gatewayOf(gateway)),
    control,
    inbox: store.inbox,
    notices: store.notices,
    changes: createChanges({ store: store.changes, clock }),
    conversations: createConversations(store),
    holds,
    outbox: store.outbox,
    audit,
    ...pairingOver(
      {
        peers: store.peers,
        pairings: store.pairings,
        tailnet: net,
        digests,
        random: systemRandom,
        clock,
        log,
      },
      other,
    ),
    judge: createJudge({ peers: store.peers, inbox: store.inbox, guard: store.guard, clock }),
    gateway: gatewayOf(gateway),
    tailnet: net,
    snapshots: store.snapshots,
    counts: () => ({ outbox: store.outbox.counts(), inbox: store.inbox.counts() }),
    mounts: [
      createMcpMount({ api: agentApi, bodyBytes: BODY_BYTES, version: '9.9.9', log }),
      peersMount(store, {
        messages,
        control,
        audit,
        reads: createPeerReads({
          tailnet: net,
          peers: store.peers,
          localAddress: '127.0.0.1',
          port: peerPort,
          clock,
          limits: readLimits,
        }),
        digests,
        clock,
        log,
        bodyBytes: BODY_BYTES,
      }),
    ],
    tokens: { owner: OWNER, agent: AGENT },
    agentNeedsToken,
    hosts,
    limits: { bodyBytes: BODY_BYTES, connections: 64 },
    version: '9.9.9',
    log,
  };
  const server = createLocalServer(deps);
  await server.listen('127.0.0.1', 0);
  holdToPromises(server.port(), apiRoutes(deps), deps.mounts);
  onTestFinished(() => server.close(0));
  return {
    port: server.port(),
    store,
    tailnet,
    gateway,
    other,
    peerSays,
    retried,
    log,
    audit,
    clock,
    happen: (id, event) => {
      const found = store.outbox.find(id);
      if (found === null) throw new Error(`no message ${id}`);
      const message = store.outbox.apply(found.id, event, {
        now: clock.now(),
        nextAttemptAt: clock.now(),
      });
      messages.changed(message);
      return message;
    },
    addPeer: (rawName) => {
      const name = rawName as PeerName;
      const nodeId = `n${name}` as NodeId;
      store.peers.addPeer(samplePeer(name, { nodeId, login: `n${name}@example.com` }));
      store.peers.putOutboundToken(name, newPeerToken());
      store.peers.putGrant(sampleOutboundGrant({ peer: name }));
    },
    server,
    close: (graceMs) => server.close(graceMs),
  };
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. */
  readonly json: Record<string, unknown>;
}

export interface Asking {
  readonly method?: string;
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON; a string or bytes as they are. */
  readonly body?: object | string | Buffer;
  readonly signal?: AbortSignal;
  /** Another way in than 127.0.0.1. */
  readonly at?: { readonly host: string } | { readonly socketPath: string };
}

function bodyBytes(body: Asking['body']): Buffer | null {
  if (body === undefined) return null;
  return Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function exchange(
  port: number,
  path: string,
  { method = 'GET', token = OWNER, headers = {}, body, signal, at }: Asking,
): Promise<Answered> {
  const bytes = bodyBytes(body);
  const sent = {
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(bytes === null ? {} : { 'content-type': 'application/json', 'content-length': String(bytes.length) }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        ...at,
        path,
        method,
        headers: sent,
        agent: false,
        ...(signal ? { signal } : {}),
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(pieces).toString('utf8');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
          });
        });
      },
    );
    asked.on('error', reject);
    asked.end(bytes ?? undefined);
  });
}

/**
 * One request on a connection of its own, as the owner unless told otherwise. Throws when the answer is not one that the
 * description of the API promises.
 */
export async function ask(port: number, path: string, asking: Asking = {}): Promise<Answered> {
  const answered = await exchange(port, path, asking);
  checkAnswer(port, asking.method ?? 'GET', path, answered);
  return answered;
}
