import type Docker from 'dockerode';
import { eventually } from './eventually.ts';
import { mustExec } from './exec.ts';
import { tokensOf } from './unseal.ts';
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

export interface Pairing {
  /** Tokens by the stack that presents them. The lab keeps them in memory to try them where they must not work. */
  readonly tokens: Readonly<Record<string, string>>;
  /** The code that paired them, which is worth nothing any more. */
  readonly code: string;
}

/** Session of the stack behind the alias that its peer gets. */
export const sessionFor = (peer: Stack) => `agent:main:peer-${peer.name}`;

const OFFER = ['--alias', 'handoff', '--yes'];

/** Makes two stacks peers by one code, as their owners do, and offers each one alias: `handoff`. */
export async function pairPeers(docker: Docker, a: Stack, b: Stack): Promise<Pairing> {
  const { code } = await a.ask<{ code: string }>(['invite', 'create', b.name, ...OFFER]);
  await b.ask(['invite', 'accept', ...OFFER, '--wait', '60'], code);
  return { code, tokens: { ...(await presentedBy(docker, a)), ...(await presentedBy(docker, b)) } };
}

/** The token that this stack presents to its peer, by the stack's name. */
async function presentedBy(docker: Docker, stack: Stack): Promise<Pairing['tokens']> {
  const [token] = Object.values(await tokensOf(docker, stack));
  return token === undefined ? {} : { [stack.name]: token };
}
