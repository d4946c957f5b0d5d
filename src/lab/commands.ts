import type Docker from 'dockerode';
import { removeLab } from './cleanup.ts';
import { connectEngine } from './engine.ts';
import { send } from './exchange.ts';
import { LABEL, SERVICES, type Service } from './names.ts';
import { stackHandle } from './stack.ts';
import { LAB } from './story.ts';
import { heading, quote, tell } from './tell.ts';

const PAIRED = ['a', 'b'] as const;

/** The engine that the lab runs on. @throws when there is no lab to talk to. */
async function runningLab(): Promise<Docker> {
  const docker = await connectEngine();
  const containers = await docker.listContainers({ filters: { label: [`${LABEL}=${LAB.lab}`] } });
  if (containers.length === 0) throw new Error('no lab is running. Start it with: npm run lab');
  return docker;
}

export async function status(): Promise<void> {
  const docker = await runningLab();
  for (const name of PAIRED) {
    heading(`stack ${name}`);
    const { stdout, stderr } = await stackHandle(docker, LAB, name).cli(['status']);
    quote((stdout || stderr).trim());
  }
}

export async function sendText(text: string): Promise<void> {
  const docker = await runningLab();
  const message = await send(stackHandle(docker, LAB, 'a'), 'b', 'handoff', text);
  tell(message.state, message.detail ?? message.id);
  if (message.reply !== null) quote(message.reply);
  if (message.state !== 'answered') throw new Error(`message ${message.id} was not answered`);
}

function isService(name: string): name is Service {
  return (SERVICES as readonly string[]).includes(name);
}

export async function logs(service: string): Promise<void> {
  if (!isService(service)) throw new Error(`no service "${service}": choose one of ${SERVICES.join(', ')}`);
  const docker = await runningLab();
  for (const name of PAIRED) {
    heading(`stack ${name}, ${service}`);
    quote((await stackHandle(docker, LAB, name).logs(service)).trim());
  }
}

export async function down(): Promise<void> {
  const removed = await removeLab(await connectEngine(), LAB);
  tell(
    'down',
    `removed ${removed.containers} containers, ${removed.networks} networks, ${removed.volumes} volumes`,
  );
}
