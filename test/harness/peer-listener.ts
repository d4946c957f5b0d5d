import { connect, type Socket } from 'node:net';
import type { Alias } from '../../src/core/alias.ts';
import { isFinalInboxState, nextInbox, stepOf, type InboxEvent } from '../../src/core/inbox.ts';
import type { MessageId, TaskId } from '../../src/core/message.ts';
import { BY_TASK, type NodeId, type Peer, type PeerName } from '../../src/core/peer.ts';
import { DEFAULT_TERMS, type InboundGrant } from '../../src/core/grant.ts';
import { buildPolicy, SENDS_WINDOW_MS, type Policy } from '../../src/core/policy.ts';
import type { RefusalReason } from '../../src/core/refusal.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import { createDigests } from '../../src/digests.ts';
import { AgentPeerError } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import { createPeerServer } from '../../src/peer-server/server.ts';
import type { PeerServerLimits } from '../../src/peer-server/limits.ts';
import type { AuditEntry } from '../../src/ports/audit.ts';
import type { PairingResponder } from '../../src/ports/pairing.ts';
import type { Acceptance, InboxMessage, NewInboxMessage } from '../../src/ports/messages.ts';
import { systemRandom } from '../../src/system.ts';
import { fakeTailnet, tailnetNode, tailnetState } from './fake-tailnet.ts';
import { NO_PAIRING } from './no-pairing.ts';
import { NOTHING_COUNTED, ROOMY } from './budgets.ts';

/** Loopback addresses that stand in for the tailnet's: each is its own node to whois. */
export const ADDRESS = {
  self: '127.0.0.1',
  bob: '127.0.0.2',
  carol: '127.0.0.3',
  stranger: '127.0.0.4',
} as const;

export const TOKEN = {
  bob: 'apt_bob-bob-bob-bob-bob-bob-bob-bob-bob-bob-bobbo',
  carol: 'apt_carol-carol-carol-carol-carol-carol-carol-ca',
  unknown: 'apt_nobody-nobody-nobody-nobody-nobody-nobody-no',
} as const;

const digests = createDigests();

export function peerOf(name: 'bob' | 'carol', state: Peer['state'] = 'active'): Peer {
  const nodeId = `n${name}` as NodeId;
  const tokenDigest = digests.token(TOKEN[name]);
  return {
    name: name as PeerName,
    nodeId,
    login: '',
    tokenDigest,
    overlap: null,
    state,
    expiresAt: null,
    replies: BY_TASK,
  };
}

/** An inbox in memory that keeps the port's promises, and lets a test play the worker. */
function memoryInbox() {
  const rows = new Map<TaskId, InboxMessage>();
  const waiting = new Set<() => void>();
  const fetched = new Map<TaskId, number>();
  const inbox = {
    rows,
    /** Throws this instead of storing. */
    broken: null as AgentPeerError | null,
    /** When each task was first told to its sender as over. */
    fetchedAt: fetched,
    fetched: (taskId: TaskId, now: number): void => {
      if (inbox.broken) throw inbox.broken;
      if (!fetched.has(taskId)) fetched.set(taskId, now);
    },
    accept: (message: NewInboxMessage): Acceptance => {
      if (inbox.broken) throw inbox.broken;
      const twin = [...rows.values()].find(
        (row) => row.peer === message.peer && row.messageId === message.messageId,
      );
      if (twin)
        return twin.contentDigest === message.contentDigest
          ? { kind: 'repeated', message: twin }
          : { kind: 'reused' };
      const row: InboxMessage = {
        ...message,
        updatedAt: message.createdAt,
        origin: 'peer',
        state: message.hold === null ? 'accepted' : 'held',
        holdUntil: null,
        isReleased: false,
        note: null,
        reply: null,
        detail: null,
        erasedAt: null,
      };
      rows.set(row.taskId, row);
      return { kind: 'new', message: row };
    },
    findTask: (peer: PeerName, taskId: string) => {
      const row = rows.get(taskId as TaskId);
      return row?.peer === peer ? row : null;
    },
    findMessage: (peer: PeerName, messageId: MessageId) =>
      [...rows.values()].find((row) => row.peer === peer && row.messageId === messageId) ?? null,
    usage: (peer: PeerName, alias: Alias, now: number) => {
      const recent = [...rows.values()].filter(({ createdAt }) => createdAt > now - SENDS_WINDOW_MS);
      const ofPeer = recent.filter((row) => row.peer === peer);
      const underGrant = ofPeer.filter((row) => row.alias === alias).length;
      return { underGrant, fromPeer: ofPeer.length, fromAll: recent.length };
    },
    apply: (taskId: TaskId, event: InboxEvent, now: number) => {
      const row = rows.get(taskId);
      if (row === undefined) throw new Error(`no row ${taskId}`);
      const move = nextInbox(row.state, event);
      const message = move === null ? row : { ...row, state: move.state, updatedAt: now };
      rows.set(taskId, message);
      return { message, step: stepOf(message.state), sentBack: null };
    },
    /** What the worker would do: moves every open message and lets those go that wait. */
    finish: (
      to: Partial<Pick<InboxMessage, 'state' | 'reply' | 'detail' | 'hold' | 'note' | 'erasedAt'>>,
    ) => {
      for (const row of rows.values())
        if (!isFinalInboxState(row.state)) rows.set(row.taskId, { ...row, ...to });
      for (const release of [...waiting]) release();
    },
    settled: async (_taskId: TaskId, waitMs: number, signal: AbortSignal) => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const release = () => resolve(undefined);
      const timer = setTimeout(release, waitMs);
      signal.addEventListener('abort', release);
      waiting.add(release);
      await promise;
      waiting.delete(release);
      clearTimeout(timer);
    },
    waiting,
  };
  return inbox;
}

/** Most tests are refused, and ask, more often than a peer may in a minute. */
const NO_RATES = { attemptsPerMinute: 1e6, pollsPerMinute: 1e6 };

export interface ListenerOptions {
  readonly limits?: Partial<PeerServerLimits>;
  readonly pairing?: PairingResponder;
  /** Called for each message that was stored for the first time. */
  readonly onWake?: (inbox: ReturnType<typeof memoryInbox>) => void;
}

/** A peer listener on 127.0.0.1 with bob (alias `inbox`, `handoff`) and carol (alias `inbox`) paired. */
export async function startListener({
  limits = {},
  pairing = NO_PAIRING,
  onWake = () => undefined,
}: ListenerOptions = {}) {
  const tailnet = tailnetState(tailnetNode('nself', ADDRESS.self), [
    tailnetNode('nbob', ADDRESS.bob),
    tailnetNode('ncarol', ADDRESS.carol),
  ]);
  const inbox = memoryInbox();
  const audit: AuditEntry[] = [];
  const logged: string[] = [];
  const grant = (peer: 'bob' | 'carol', alias: string): InboundGrant => ({
    direction: 'inbound',
    ...DEFAULT_TERMS,
    peer: peer as PeerName,
    alias: alias as Alias,
    sessionKey: `agent:main:secret-${peer}-${alias}` as SessionKey,
  });
  const state = {
    peers: [peerOf('bob'), peerOf('carol')],
    grants: [grant('bob', 'inbox'), grant('bob', 'handoff'), grant('carol', 'inbox')],
    obstacle: null as RefusalReason | null,
    limits: { sendsPerMinute: 1000, totalSendsPerMinute: 1000, budgets: ROOMY },
    isPaused: false,
    now: 1_800_000_000_000,
    /** The latest instant that the store has seen. */
    asOf: 1_800_000_000_000,
    /** Thrown instead of a policy. */
    broken: null as Error | null,
  };
  const policy = (): Policy => {
    if (state.broken) throw state.broken;
    const built = buildPolicy(state);
    if (!built.ok) throw new Error(built.problem.what);
    return built.value;
  };
  const heard: PeerName[] = [];
  const server = createPeerServer({
    policy,
    tailnet: fakeTailnet(tailnet),
    inbox,
    guard: NOTHING_COUNTED,
    pairing,
    tasks: { changed: () => undefined, settled: inbox.settled },
    wakeInbox: () => onWake(inbox),
    heard: (peer) => void heard.push(peer),
    audit: { record: (entry) => void audit.push(entry) },
    digests,
    clock: { now: () => state.now },
    random: systemRandom,
    turnKey: (peer: PeerName, messageId: MessageId) => `key-${peer}-${messageId}`,
    readiness: () => state.obstacle,
    limits: { ...NO_RATES, ...limits },
    name: 'alice-stack',
    version: '0.1.0',
    log: createLog((line) => void logged.push(line)),
  });
  await server.listen(ADDRESS.self, 0);
  const port = server.port() ?? 0;
  return { server, port, url: `http://${ADDRESS.self}:${port}`, tailnet, inbox, audit, logged, state, heard };
}
export type Listener = Awaited<ReturnType<typeof startListener>>;

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** All that arrives until the connection is closed, in whatever way. */
export function readToEnd(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  socket.once('close', () => resolve(Buffer.concat(chunks).toString()));
  return promise;
}

/** Sends these bytes on one socket from `from`, and reads until the server closes it. */
export async function sendRaw(
  port: number,
  bytes: string | Buffer,
  from: string = ADDRESS.bob,
): Promise<RawAnswer> {
  const socket = connect({ host: ADDRESS.self, port, localAddress: from });
  socket.write(bytes);
  const all = await readToEnd(socket);
  const split = all.indexOf('\r\n\r\n');
  return { status: Number(all.slice(9, 12)), head: all.slice(0, split), body: all.slice(split + 4) };
}

export interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly token?: string | null;
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** The bytes of one request, the connection to be closed after it. */
export function rawRequest({
  path = '/a2a/v1',
  method = 'POST',
  token = TOKEN.bob,
  headers = {},
  body = '',
}: Sent): Buffer {
  const all = {
    host: '100.64.0.1:8080',
    connection: 'close',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(method === 'POST'
      ? { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
      : {}),
    ...headers,
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([
    Buffer.from(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n`),
    Buffer.from(body),
  ]);
}

export function send(port: number, sent: Sent): Promise<RawAnswer> {
  return sendRaw(port, rawRequest(sent), sent.from);
}

/** A SendMessage as any client would send it. */
export function sendMessageBody(message: object = {}, configuration?: object): string {
  const whole = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }], ...message };
  const params = { message: whole, ...(configuration ? { configuration } : {}) };
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendMessage', params });
}

interface RpcAnswer {
  readonly id: string | number | null;
  readonly result?: unknown;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data: readonly { reason: string; domain: string }[];
  };
}

export function rpc({ body }: RawAnswer): RpcAnswer {
  return JSON.parse(body) as RpcAnswer;
}

/** The refusal reason as the outside sees it. */
export function toldReason(answer: RawAnswer): string | undefined {
  return rpc(answer).error?.data.find(({ domain }) => domain === 'agent-peer')?.reason;
}
