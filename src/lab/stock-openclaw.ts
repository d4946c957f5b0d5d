import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { startContainer } from './containers.ts';
import { eventually } from './eventually.ts';
import { execIn } from './exec.ts';
import { GATEWAY_HOME } from './gateway-calls.ts';
import { modelConfig, writeHome } from './gateway-home.ts';
import { labImage } from './images.ts';
import type { Lab } from './lab.ts';
import { labelsOf } from './names.ts';
import { statusOf } from './pairing.ts';
import { requestFrom } from './probes.ts';
import { startStranger } from './stranger.ts';

const PAGE = fileURLToPath(new URL('../../docs/stock-peers.md', import.meta.url));
const CONFIGURATION = /```json5\n([\s\S]*?)```/;
const ADDRESS_ON_PAGE = '100.64.0.1';
const NODE = 'stock';
const PORT = 18_789;
const START_MS = 180_000;

/** What a's owner calls it; it calls a `alice`, as docs/stock-peers.md has it. */
export const STOCK_PEER = 'bob';
/** The session at a that it writes to. */
export const STOCK_SESSION = 'agent:main:peer-bob';

/** An OpenClaw without agent-peer, on a tailnet node that is its own, and a peer of a. */
export interface StockOpenClaw {
  /** Of its gateway. */
  readonly container: string;
  readonly ipv4: string;
  /** What a presents to it, what it presents to a, and its gateway's own token, by what they are. */
  readonly secrets: readonly (readonly [what: string, value: string])[];
}

interface Config {
  readonly gateway: object;
  readonly channels: object;
}

/** What the page tells the owner of a stock peer to put into its configuration, with a's address in place of the page's. */
async function configOnPage(address: string): Promise<Config> {
  const [, json5] = CONFIGURATION.exec(await readFile(PAGE, 'utf8')) ?? [];
  if (json5?.includes(ADDRESS_ON_PAGE) !== true) throw new Error(`${PAGE} has no configuration`);
  // JSON5 is an expression of JavaScript, and this one is from our own page.
  return runInNewContext(`(${json5.replace(ADDRESS_ON_PAGE, address)})`) as Config;
}

/** An OpenClaw as it was set up before, with what the page adds to it; the secrets are in the file of variables. */
async function homeFiles(address: string, variables: Readonly<Record<string, string>>) {
  const { gateway, channels } = await configOnPage(address);
  const config = { gateway: { mode: 'local', ...gateway }, channels, ...modelConfig('stock') };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  return { 'openclaw.json': JSON.stringify(config, null, 2), '.env': lines.join('') };
}

async function startGateway({ docker, name }: Lab, namespaceOf: string, files: Record<string, string>) {
  const volume = `${name.lab}-stock-home`;
  await docker.createVolume({ Name: volume, Labels: labelsOf(name) });
  await writeHome(docker, name, volume, files);
  return startContainer(docker, name, {
    name: 'stock-gateway',
    image: labImage('OPENCLAW'),
    command: ['openclaw', 'gateway', 'run'],
    namespaceOf,
    env: { OPENCLAW_STATE_DIR: GATEWAY_HOME, OPENCLAW_NO_RESPAWN: '1' },
    binds: [`${volume}:${GATEWAY_HOME}`],
  });
}

/** Until its agent card, which everybody may read, comes over the tailnet: its channel is there then. */
export async function whenStockServes({ docker, stacks }: Lab, { ipv4 }: StockOpenClaw): Promise<void> {
  const url = `http://${ipv4}:${PORT}/.well-known/agent-card.json`;
  const read = () => requestFrom(docker, stacks.a.container('proxy'), { url, method: 'GET' });
  await eventually('the A2A channel answers', read, ({ status }) => status === 200, START_MS);
}

/** Starts it and makes it a peer of a, as docs/stock-peers.md says, step by step. It is there once it serves. */
export async function startStockOpenClaw(lab: Lab): Promise<StockOpenClaw> {
  const { docker, name, control, stacks } = lab;
  const { a } = stacks;
  const node = await startStranger(docker, name, control, NODE);
  const seen = () => execIn(docker, a.container('tailscale'), ['tailscale', 'ip', '-4', NODE]);
  await eventually('a sees the node', seen, ({ exitCode }) => exitCode === 0);
  const add = ['peers', 'add', STOCK_PEER, '--node', NODE, '--reply-mode', 'send-back'];
  const { token: presentedByIt } = await a.ask<{ token: string }>(add);
  await a.ask(['aliases', 'add', STOCK_PEER, 'inbox', STOCK_SESSION]);
  const [presentedToIt, itsOwn] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
  const variables = {
    OPENCLAW_GATEWAY_TOKEN: itsOwn,
    A2A_ALICE_TOKEN: presentedToIt,
    AGENT_PEER_TOKEN: presentedByIt,
  };
  const { ipv4 } = (await statusOf(a)).node;
  const container = await startGateway(lab, node.container, await homeFiles(ipv4, variables));
  await a.ask(['peers', 'token', STOCK_PEER], presentedToIt);
  const secrets = Object.entries(variables).map(
    ([what, value]) => [`${what} of the stock peer`, value] as const,
  );
  return { container, ipv4: node.ipv4, secrets };
}
