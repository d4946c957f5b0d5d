import { randomBytes } from 'node:crypto';
import type Docker from 'dockerode';
import { removeLab } from './cleanup.ts';
import { startControlServer, type ControlServer } from './control-server.ts';
import { fillGatewayHome } from './gateway-home.ts';
import { startModel, type Model } from './model.ts';
import type { LabName, StackName } from './names.ts';
import { createNetwork, type LabNetwork } from './network.ts';
import { pairGateway, pairPeers, type Pairing } from './pairing.ts';
import { startStack, whenHealthy, type Stack, type StackOptions } from './stack.ts';

/** Called as each step ends: what a person wants to see. */
export type Tell = (step: string, detail: string) => void;

export type PairedName = Exclude<StackName, 'c'>;

/** A test tailnet, a scripted model and two stacks, not yet paired. */
export interface Lab {
  readonly docker: Docker;
  readonly name: LabName;
  readonly network: LabNetwork;
  readonly control: ControlServer;
  readonly model: Model;
  readonly stacks: Readonly<Record<PairedName, Stack>>;
  /** The gateways' shared tokens: used while pairing, and to look for them where they must not be. */
  readonly sharedTokens: Readonly<Record<PairedName, string>>;
}

async function startGround(docker: Docker, name: LabName, tell: Tell) {
  const network = await createNetwork(docker, name);
  const control = await startControlServer(docker, name, network);
  tell('tailnet', `headscale at ${control.url}, allow-all policy, closed network ${network.prefix}.0/24`);
  const model = await startModel(docker, name);
  tell('model', 'scripted; its answer is computed from what it is asked');
  return { network, control, model };
}

/** Starts everything afresh; what an earlier run of the same name left is removed first. */
export async function startLab(
  docker: Docker,
  name: LabName,
  tell: Tell,
  options: StackOptions = {},
): Promise<Lab> {
  const removed = await removeLab(docker, name);
  if (removed.containers > 0) tell('clean', `removed the previous lab (${removed.containers} containers)`);
  const ground = await startGround(docker, name, tell);
  const sharedTokens = { a: randomBytes(24).toString('hex'), b: randomBytes(24).toString('hex') };
  const start = async (stack: PairedName) => {
    await fillGatewayHome(docker, name, stack, sharedTokens[stack]);
    return startStack(docker, name, stack, ground.control, options);
  };
  const [a, b] = await Promise.all([start('a'), start('b')]);
  return { docker, name, ...ground, stacks: { a, b }, sharedTokens };
}

/** Pairs both proxies with their gateways, and the two stacks with each other. */
export async function pairLab(lab: Lab, tell: Tell): Promise<Pairing> {
  const { docker, sharedTokens } = lab;
  const { a, b } = lab.stacks;
  await Promise.all([a, b].map((stack) => whenHealthy(docker, stack, 'gateway')));
  for (const name of ['a', 'b'] as const) {
    const scopes = await pairGateway(docker, lab.stacks[name], sharedTokens[name]);
    tell('gateway', `${name}'s proxy is a paired device with ${scopes.join(' + ')}`);
  }
  const pairing = await pairPeers(docker, a, b);
  tell('invite', `a made a code, and b used it up: ${pairing.code}`);
  tell('peers', 'both owners agreed; each granted the other one alias: handoff');
  return pairing;
}
