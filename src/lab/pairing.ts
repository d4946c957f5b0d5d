import type Docker from 'dockerode';
import { eventually } from './eventually.ts';
import { mustExec } from './exec.ts';
import type { Stack } from './stack.ts';

/** What `agent-peer status --json` answers, as far as the lab reads it. */
export interface StatusView {
  readonly version: string;
  readonly node: { readonly nodeId: string; readonly dnsName: string; readonly ipv4: string };
  readonly gateway: { readonly kind: string; readonly version?: string; readonly scopes?: readonly string[] };
  readonly peers: readonly { readonly name: string; readonly nodeId: string }[];
}

export const statusOf = (stack: Stack) => stack.ask<StatusView>(['status']);

type PairStep =
  | { readonly step: 'approval-needed'; readonly requestId: string }
  | { readonly step: 'paired'; readonly scopes: readonly string[] };

const APPROVAL_NEEDED = 6;

function pairGatewayOnce(stack: Stack, sharedToken: string): Promise<PairStep> {
  return stack.ask<PairStep>(['gateway', 'pair'], sharedToken, [0, APPROVAL_NEEDED]);
}

/** Pairs the proxy with its gateway as a device, approving as the owner does, by OpenClaw's own CLI. */
export async function pairGateway(
  docker: Docker,
  stack: Stack,
  sharedToken: string,
): Promise<readonly string[]> {
  const first = await pairGatewayOnce(stack, sharedToken);
  if (first.step === 'paired') return first.scopes;
  await mustExec(docker, stack.container('gateway'), [
    'openclaw',
    'devices',
    'approve',
    first.requestId,
    '--json',
  ]);
  const second = await pairGatewayOnce(stack, sharedToken);
  if (second.step !== 'paired')
    throw new Error(`stack ${stack.name}: the gateway still wants approval after it was given`);
  await eventually(
    `gateway of ${stack.name} is ready`,
    () => statusOf(stack),
    ({ gateway }) => gateway.kind === 'ready',
  );
  return second.scopes;
}

/** Makes `of` know `other` under its stack name. @returns the token that `other` will present. */
async function addPeer(of: Stack, other: Stack): Promise<string> {
  const { node } = await statusOf(other);
  const { token } = await of.ask<{ token: string }>(['peers', 'add', other.name, '--node', node.nodeId]);
  return token;
}

export interface Pairing {
  /** Tokens by the stack that presents them. The lab keeps them in memory to try them where they must not work. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** Session of the stack behind the alias that its peer gets. */
export const sessionFor = (peer: Stack) => `agent:main:peer-${peer.name}`;

/** Pairs two stacks by hand, in both directions, and offers each one alias: `handoff`. */
export async function pairPeers(a: Stack, b: Stack): Promise<Pairing> {
  const tokenOfB = await addPeer(a, b);
  const tokenOfA = await addPeer(b, a);
  await a.ask(['peers', 'token', b.name], tokenOfA);
  await b.ask(['peers', 'token', a.name], tokenOfB);
  await a.ask(['aliases', 'add', b.name, 'handoff', sessionFor(b)]);
  await b.ask(['aliases', 'add', a.name, 'handoff', sessionFor(a)]);
  return { tokens: { [a.name]: tokenOfA, [b.name]: tokenOfB } };
}
