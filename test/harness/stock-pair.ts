import { expect, onTestFinished } from 'vitest';
import { startFakeGateway, type FakeGateway } from './fake-gateway.ts';
import { tailnetNode } from './fake-tailnet.ts';
import { createMachines, type Machine } from './stack-process.ts';
import { startStockOpenClaw, type StockOpenClaw, type StockOptions } from './stock-openclaw.ts';

/** A message of alice's as `GET /messages` lists it. */
export interface Listed {
  readonly id: string;
  readonly direction: string;
  readonly alias: string;
  readonly conversation: string;
  readonly state: string;
  readonly text: string;
  readonly reply: string | null;
  readonly detail: string | null;
  readonly taskId: string | null;
  readonly inReplyTo: string | null;
}

/** A whole proxy, alice, and an OpenClaw without one, bob, that are peers of each other. */
export interface StockPair {
  readonly alice: Machine;
  /** Alice's own. */
  readonly gateway: FakeGateway;
  readonly bob: StockOpenClaw;
  readonly listed: (direction: 'inbound' | 'outbound') => Promise<readonly Listed[]>;
}

export interface StockPairOptions {
  /** Alice's agent. */
  readonly reply?: (text: string) => string | Promise<string>;
  /** Bob's. */
  readonly agent?: StockOptions['agent'];
  readonly env?: Readonly<Record<string, string>>;
  readonly rateLimitPerMinute?: number;
}

const CHANNEL_TOKEN = 'a-token-that-the-owner-of-bob-made-up';

async function must(machine: Machine, method: string, path: string, body: object) {
  const { status, text, json } = await machine.api(path, { method, body });
  if (status >= 300) throw new Error(`${method} ${path} is answered ${status} ${text}`);
  return json;
}

async function addBob(alice: Machine, bob: { readonly nodeId: string; readonly port: number }) {
  const replies = { mode: 'send-back', port: bob.port };
  const { token } = await must(alice, 'POST', '/peers', { name: 'bob', node: bob.nodeId, replies });
  await must(alice, 'PUT', '/peers/bob/token', { token: CHANNEL_TOKEN });
  const sessionKey = 'agent:main:peer-bob';
  await must(alice, 'POST', '/aliases', { peer: 'bob', alias: 'inbox', sessionKey });
  return String(token);
}

export async function createStockPair(options: StockPairOptions = {}): Promise<StockPair> {
  const { reply = (text: string) => `heard: ${text.length}`, agent = () => 'thanks', env = {} } = options;
  const gateway = await startFakeGateway({ autoApprove: true, reply });
  onTestFinished(() => gateway.crash());
  const [alice] = await createMachines(['alice'], () => ({ AGENT_PEER_GATEWAY_URL: gateway.url, ...env }));
  const own = alice?.tailnet.self?.ipv4;
  if (alice === undefined || own === null || own === undefined) throw new Error('no machine');
  const address = own.replace(/\.1$/, '.9');
  const node = tailnetNode('nbob', address);
  alice.tailnet.peers.push(node);
  await alice.start();
  await must(alice, 'POST', '/gateway/pair', { token: gateway.sharedToken });
  const held: { outboundToken: string } = { outboundToken: '' };
  const bob = await startStockOpenClaw({
    address,
    token: CHANNEL_TOKEN,
    peerName: 'alice',
    url: `http://${own}:${alice.peerPort}/a2a/v1`,
    get outboundToken() {
      return held.outboundToken;
    },
    agent,
    ...(options.rateLimitPerMinute === undefined ? {} : { rateLimitPerMinute: options.rateLimitPerMinute }),
  });
  held.outboundToken = await addBob(alice, { nodeId: node.nodeId, port: bob.port });
  const state = async () => ((await alice.api('/status')).json['gateway'] as { kind: string }).kind;
  await expect.poll(state, { timeout: 15_000 }).toBe('ready');
  return {
    alice,
    gateway,
    bob,
    listed: async (direction) => {
      const { json } = await alice.api('/messages?limit=100');
      return (json['messages'] as Listed[]).filter((one) => one.direction === direction).reverse();
    },
  };
}
