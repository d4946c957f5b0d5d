import type Docker from 'dockerode';
import { startContainer } from './containers.ts';
import { eventually } from './eventually.ts';
import { execIn, mustExec } from './exec.ts';
import { labImage } from './images.ts';
import type { LabName } from './names.ts';
import { nodeProgram } from './node-program.ts';
import type { Stack } from './stack.ts';

const EDIT = `
const { DatabaseSync } = require('node:sqlite');
const db = new DatabaseSync('/data/agent-peer.db');
const { changes } = db.prepare(stdin).run();
db.close();
if (changes !== 1) throw new Error('changed ' + changes + ' rows');`;

const HEALTHY = ['agent-peer', 'health'];

/** Stops a stack's proxy, does something in a container of its image that has its data volume, and starts it again. */
export async function whileStopped<T>(
  docker: Docker,
  lab: LabName,
  stack: Stack,
  work: (container: string) => Promise<T>,
): Promise<T> {
  const proxy = docker.getContainer(stack.container('proxy'));
  const { Mounts } = await proxy.inspect();
  const volume = Mounts.find(({ Destination }) => Destination === '/data')?.Name;
  if (volume === undefined) throw new Error(`stack ${stack.name} has no data volume`);
  await proxy.stop();
  const worker = await startContainer(docker, lab, {
    name: `data-${stack.name}`,
    image: labImage('PROXY'),
    entrypoint: ['sleep'],
    command: ['infinity'],
    binds: [`${volume}:/data`],
  });
  try {
    return await work(worker);
  } finally {
    await docker.getContainer(worker).remove({ force: true });
    await proxy.start();
    const health = () => execIn(docker, stack.container('proxy'), HEALTHY);
    await eventually(`the proxy of ${stack.name} is back`, health, ({ exitCode }) => exitCode === 0);
  }
}

/**
 * Changes one row of a stack's database while its proxy is stopped: for states that no command of this version leads
 * to. @throws unless it was exactly one row.
 */
export async function editData(docker: Docker, lab: LabName, stack: Stack, sql: string): Promise<void> {
  await whileStopped(docker, lab, stack, (container) => mustExec(docker, container, nodeProgram(EDIT), sql));
}
