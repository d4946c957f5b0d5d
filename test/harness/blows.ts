import { healthOf } from '../../src/lab/containers.ts';
import { eventually } from '../../src/lab/eventually.ts';
import type { Lab } from '../../src/lab/lab.ts';
import type { Service } from '../../src/lab/names.ts';
import { whenAnswering, type Stack } from '../../src/lab/stack.ts';

/** Something that is done to a running container. */
export type Blow = (lab: Lab, container: string) => Promise<void>;

export const restart: Blow = ({ docker }, container) =>
  docker.getContainer(container).restart({ t: 5 }) as Promise<void>;

/**
 * Kills the main process from outside, as the kernel does when memory runs out. `docker kill` counts as the owner's
 * wish, after which no restart policy applies.
 */
export const kill: Blow = async ({ docker }, container) => {
  const { State, RestartCount } = await docker.getContainer(container).inspect();
  process.kill(State.Pid, 'SIGKILL');
  const read = () => healthOf(docker, container);
  await eventually(
    `${container} is back`,
    read,
    ({ running, restarts }) => running && restarts > RestartCount,
    60_000,
  );
};

/** Who must have been started anew after a service went: whoever sits in the holder's namespace goes with it. */
const FALLEN: Readonly<Record<Service, readonly Service[]>> = {
  netns: ['netns', 'tailscale', 'proxy', 'gateway'],
  tailscale: ['tailscale'],
  proxy: ['proxy'],
  gateway: ['gateway'],
};

export const startedAt = async ({ docker }: Lab, container: string) =>
  (await docker.getContainer(container).inspect()).State.StartedAt;

/** A gateway gives turns that run 315 s before it leaves a namespace that has died. */
const ANEW_MS = 400_000;

/** Strikes all of them at once, and waits until every container that fell with them was started anew. */
export async function strike(
  lab: Lab,
  stack: Stack,
  services: readonly Service[],
  blow: Blow,
): Promise<void> {
  const fallen = services.flatMap((service) => FALLEN[service]).map((name) => stack.container(name));
  const before = await Promise.all(fallen.map((container) => startedAt(lab, container)));
  await Promise.all(services.map((service) => blow(lab, stack.container(service))));
  for (const [i, container] of fallen.entries()) {
    await eventually(
      `${container} was started anew`,
      () => startedAt(lab, container),
      (at) => at !== before[i],
      ANEW_MS,
    );
  }
  await whenAnswering(stack);
}
