import type Docker from 'dockerode';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustExec } from '../exec.ts';
import type { Lab, PairedName } from '../lab.ts';
import type { StruckFault } from './evidence.ts';
import type { PlannedFault } from './plan.ts';
import type { Seat } from './seat.ts';

type Give = () => Promise<void>;

/** What `docker kill` ends, no restart policy starts again: that is for us to do. */
async function kill(docker: Docker, container: string): Promise<Give> {
  const struck = docker.getContainer(container);
  await struck.kill();
  return async () => {
    await struck.start();
  };
}

async function addressOf({ docker, network }: Lab, container: string): Promise<string> {
  const { NetworkSettings } = await docker.getContainer(container).inspect();
  const address = NetworkSettings.Networks[network.name]?.IPAddress;
  if (address === undefined || address === '')
    throw new Error(`${container} has no address in ${network.name}`);
  return address;
}

/**
 * By routes into nothing: the interface stays, since without it the stack's containers would leave a namespace that leads
 * nowhere, and the model stays within reach.
 */
async function cut(lab: Lab, { container, name }: Seat): Promise<Give> {
  const other = lab.stacks[name === 'a' ? 'b' : 'a'].container('netns');
  const addresses = await Promise.all([other, lab.control.container].map((each) => addressOf(lab, each)));
  const routes = async (verb: 'add' | 'del'): Promise<void> => {
    for (const address of addresses)
      await mustExec(lab.docker, container, ['ip', 'route', verb, 'blackhole', `${address}/32`]);
  };
  await routes('add');
  return () => routes('del');
}

function blow(lab: Lab, { kind }: PlannedFault, seat: Seat): Promise<Give> {
  switch (kind) {
    case 'quiet':
      return Promise.resolve(() => Promise.resolve());
    case 'cut':
      return cut(lab, seat);
    case 'proxy':
    case 'gateway':
    case 'tailscale':
      return kill(lab.docker, lab.stacks[seat.name].container(kind));
  }
}

/** Does one fault of the plan, and gives back what it took. */
export async function strike(
  lab: Lab,
  fault: PlannedFault,
  seats: Readonly<Record<PairedName, Seat>>,
): Promise<StruckFault> {
  const from = Date.now();
  const gives = await Promise.all(fault.stacks.map((name) => blow(lab, fault, seats[name])));
  const until = Date.now();
  await sleep(fault.forMs);
  await Promise.all(gives.map((give) => give()));
  return { kind: fault.kind, stacks: fault.stacks, from, until, over: Date.now() };
}
