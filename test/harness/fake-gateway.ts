/**
 * A small gateway for contract tests: it speaks what agent-peer uses of OpenClaw's WebSocket RPC, and answers as
 * OpenClaw 2026.9.6 was seen to answer (`test/e2e/gateway-parity.test.ts` compares the two). Sessions survive
 * `crash` and `start` as they do on a gateway's disk; everything else is lost.
 */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer, type WebSocket } from 'ws';
import { AGENTS, type FakeAgents } from './fake-gateway-agents.ts';
import { createFakeDevices, type ConnectParams, type FakeDevices } from './fake-gateway-devices.ts';
import { createFakeRpc, invalid, METHODS, type FakeFrame, type FakeRpc } from './fake-gateway-rpc.ts';
import type { Answer, FakeReply } from './fake-gateway-session.ts';

export type { FakeFrame } from './fake-gateway-rpc.ts';
export type { FakeReply } from './fake-gateway-session.ts';

export interface FakeGatewayOptions {
  readonly sharedToken?: string;
  /** Approves each device that knows the shared token without asking, as OpenClaw does by default on loopback. */
  readonly autoApprove?: boolean;
  readonly version?: string;
  readonly protocol?: number;
  /** Methods that this gateway does not have. */
  readonly without?: readonly string[];
  /** Scopes given, whatever was asked for. */
  readonly scopes?: readonly string[];
  /** Gives no device token, as a gateway does to a client that needs no pairing. */
  readonly withoutDeviceToken?: boolean;
  /** By agent id, the default one first: the tools of each. */
  readonly agents?: FakeAgents;
  /** The model: what it says to a text. */
  readonly reply?: (text: string, sessionKey: string) => FakeReply | Promise<FakeReply>;
}

export interface FakeGateway {
  readonly url: string;
  readonly sharedToken: string;
  /** Every request that came in, oldest first. */
  readonly frames: readonly FakeFrame[];
  /** Texts that clients brought into a session, in order. */
  readonly delivered: (sessionKey: string) => readonly string[];
  /** The owner's `openclaw devices approve`. Throws when there is no such request. */
  readonly approve: (requestId: string) => void;
  /** The owner's `openclaw devices remove`, which ends the connections as well. */
  readonly removeDevice: (deviceId: string) => void;
  /** The owner's `openclaw devices remove`, for all devices. */
  readonly forgetDevices: () => void;
  /** From now on turns wait at the model. */
  readonly hold: () => void;
  readonly release: () => void;
  /** How many there are now. */
  readonly connections: () => number;
  /** Cuts the connections; turns go on. */
  readonly dropConnections: () => void;
  /** As `kill -9`: turns that run are cut off, queued ones are never begun, nothing listens. */
  readonly crash: () => Promise<void>;
  /** As SIGTERM: queued turns and all requests are refused, then as `crash`. */
  readonly stop: () => Promise<void>;
  /** Listens again on the same port. What a crash cut off is resumed, or waits for `resumeTurns`. */
  readonly start: (options?: { readonly resume: boolean }) => Promise<void>;
  readonly resumeTurns: () => void;
  /** The owner's `/reset`. */
  readonly resetSession: (sessionKey: string) => void;
  /** The owner's `/compact`. */
  readonly compactSession: (sessionKey: string) => void;
  /** The owner's cut of a session down to its last rows; the gateway leaves no mark of it. */
  readonly shortenSession: (sessionKey: string, rows: number) => void;
  /** Makes it a session of long ago. */
  readonly ageSession: (sessionKey: string) => void;
  readonly deleteSession: (sessionKey: string) => void;
}

const DRAIN_MS = 50;

function createConnect(options: FakeGatewayOptions, devices: FakeDevices) {
  const { protocol = 4, without = [], version = '2026.9.6' } = options;
  return (params: ConnectParams, nonce: string): Answer => {
    if (params.minProtocol > protocol || params.maxProtocol < protocol) {
      const details = { code: 'PROTOCOL_MISMATCH', expectedProtocol: protocol };
      return { ok: false, error: { code: 'INVALID_REQUEST', message: 'protocol mismatch', details } };
    }
    const admission = devices.admit(params, nonce);
    if (!admission.ok) return { ok: false, error: admission.refusal };
    const { deviceToken, method } = admission;
    const scopes = options.scopes ?? params.scopes;
    const token = options.withoutDeviceToken === true ? {} : { deviceToken };
    const payload = {
      type: 'hello-ok',
      protocol,
      server: { version, connId: randomUUID() },
      features: { methods: METHODS.filter((name) => !without.includes(name)), events: [] },
      auth: { method, role: 'operator', scopes, ...token },
      policy: { maxPayload: 26_214_400, maxBufferedBytes: 52_428_800, tickIntervalMs: 30_000 },
    };
    return { ok: true, payload };
  };
}

interface Welcome {
  readonly connect: (params: ConnectParams, nonce: string) => Answer;
  readonly rpc: FakeRpc;
  readonly frames: FakeFrame[];
}

/** Challenges a new connection, lets it do nothing but connect, then serves it. */
function welcome(socket: WebSocket, { connect, rpc, frames }: Welcome): void {
  const nonce = randomUUID();
  let open = false;
  const send = (frame: object): void => socket.send(JSON.stringify(frame));
  socket.on('message', (data: Buffer) => {
    const { id, method, params } = JSON.parse(data.toString('utf8')) as FakeFrame & { readonly id: string };
    frames.push({ method, params });
    const respond = (answer: Answer): void => send({ type: 'res', id, ...answer });
    if (open) {
      rpc.serve({ method, params }, respond);
      return;
    }
    const answer =
      method === 'connect' ? connect(params as unknown as ConnectParams, nonce) : invalid('connect first');
    open = answer.ok;
    respond(answer);
    if (!open) socket.close(1008, answer.error?.message.slice(0, 100));
  });
  send({ type: 'event', event: 'connect.challenge', payload: { nonce, ts: Date.now() } });
}

export async function startFakeGateway(options: FakeGatewayOptions = {}): Promise<FakeGateway> {
  const { sharedToken = `shared-${randomUUID()}`, autoApprove = false } = options;
  const { reply = (text: string) => `You said: ${text}` } = options;
  const devices = createFakeDevices(sharedToken, autoApprove);
  const frames: FakeFrame[] = [];
  let released = Promise.withResolvers<undefined>();
  released.resolve(undefined);
  const rpc = createFakeRpc(async (text, sessionKey) => {
    await released.promise;
    return reply(text, sessionKey);
  }, options.agents ?? AGENTS);
  const connect = createConnect(options, devices);
  let server: WebSocketServer | null = null;
  let port = 0;

  async function listen(): Promise<void> {
    const next = new WebSocketServer({ host: '127.0.0.1', port });
    await new Promise<unknown>((resolve, reject) => next.once('listening', resolve).once('error', reject));
    port = (next.address() as AddressInfo).port;
    next.on('connection', (socket) => welcome(socket, { connect, rpc, frames }));
    server = next;
    rpc.setDraining(false);
  }

  function dropConnections(): void {
    for (const socket of server?.clients ?? []) socket.terminate();
  }

  function resumeTurns(): void {
    for (const session of rpc.sessions()) session.resume();
  }

  async function crash(): Promise<void> {
    for (const session of rpc.sessions()) session.crash();
    dropConnections();
    const closing = server;
    server = null;
    if (closing !== null) await new Promise((resolve) => closing.close(resolve));
  }

  async function stop(): Promise<void> {
    rpc.setDraining(true);
    for (const session of rpc.sessions()) session.drain();
    await sleep(DRAIN_MS);
    await crash();
  }

  await listen();
  return {
    url: `ws://127.0.0.1:${port}/`,
    sharedToken,
    frames,
    delivered: (sessionKey) => rpc.session(sessionKey).transcript.delivered(),
    approve: devices.approve,
    removeDevice: (deviceId) => {
      devices.remove(deviceId);
      dropConnections();
    },
    forgetDevices: devices.forgetAll,
    hold: () => {
      released = Promise.withResolvers<undefined>();
    },
    release: () => released.resolve(undefined),
    connections: () => server?.clients.size ?? 0,
    dropConnections,
    crash,
    stop,
    start: async ({ resume } = { resume: true }) => {
      await listen();
      if (resume) resumeTurns();
    },
    resumeTurns,
    resetSession: (sessionKey) => rpc.session(sessionKey).reset(),
    compactSession: (sessionKey) => rpc.session(sessionKey).transcript.compact(),
    shortenSession: (sessionKey, rows) => rpc.session(sessionKey).transcript.shorten(rows),
    ageSession: (sessionKey) => rpc.session(sessionKey).age(24 * 3_600_000),
    deleteSession: (sessionKey) => rpc.deleteSession(sessionKey),
  };
}
