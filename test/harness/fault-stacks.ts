import { fileURLToPath } from 'node:url';
import { startContainer } from '../../src/lab/containers.ts';
import { eventually } from '../../src/lab/eventually.ts';
import { execIn, mustExec } from '../../src/lab/exec.ts';
import { labImage } from '../../src/lab/images.ts';
import type { Lab, PairedName } from '../../src/lab/lab.ts';
import { containerOf, labelsOf } from '../../src/lab/names.ts';
import { remakeProxy } from '../../src/lab/stack.ts';
import type { DeliveryFaultPoint } from '../../src/delivery/fault-points.ts';
import { LAB_LIMITS } from './lab-limits.ts';

/** The lab's two stacks with proxies that can be told to kill themselves; b's data is on a small disk. */
export interface FaultStacks {
  /** Where that disk can be filled and emptied. */
  readonly keeper: string;
  /** From now on the proxy kills itself at these points, one after the other, one each start. */
  arm(name: PairedName, points: readonly DeliveryFaultPoint[]): Promise<void>;
  /** Waits until it was killed at all of them. */
  allReached(name: PairedName): Promise<void>;
  /** Gives both the proxies and b the data volume back that they had. */
  restore(): Promise<void>;
}

/** Where the keeper has it. */
export const SMALL = '/small';
const SMALL_SIZE = '32m';
const LARGE = '/large';
const FILE = '/data/fault-points';
const REACHED_MS = 180_000;

const override = (name: string) => fileURLToPath(new URL(`../e2e/overrides/${name}.yml`, import.meta.url));
const copy = (from: string, to: string) => ['sh', '-c', `rm -rf ${to}/* && cp -a ${from}/. ${to}/`];

/** A disk in memory, and a container that keeps it from going while b's proxy restarts. */
async function startKeeper({ docker, name, stacks }: Lab, volume: string): Promise<string> {
  const owner = 'uid=10001,gid=10001,mode=700';
  await docker.createVolume({
    Name: volume,
    Driver: 'local',
    DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: `size=${SMALL_SIZE},${owner}` },
    Labels: labelsOf(name),
  });
  const { Mounts } = await docker.getContainer(stacks.b.container('proxy')).inspect();
  const large = Mounts.find(({ Destination }) => Destination === '/data')?.Name;
  if (large === undefined) throw new Error('stack b has no data volume');
  return startContainer(docker, name, {
    name: 'keeper',
    image: labImage('PROXY'),
    entrypoint: ['sleep'],
    command: ['infinity'],
    binds: [`${large}:${LARGE}`, `${volume}:${SMALL}`],
  });
}

export async function makeFaultStacks(lab: Lab): Promise<FaultStacks> {
  const { docker, name, control, stacks } = lab;
  const volume = containerOf(name, 'small-data');
  const keeper = await startKeeper(lab, volume);
  const b = docker.getContainer(stacks.b.container('proxy'));
  await b.stop();
  await mustExec(docker, keeper, copy(LARGE, SMALL));
  const environment = { ...LAB_LIMITS, SMALL_DATA_VOLUME: volume };
  const files = { a: [override('fault-points')], b: [override('fault-points'), override('small-disk')] };
  const remake = (stack: PairedName, more: readonly string[]) =>
    remakeProxy(docker, name, stack, control, { environment, files: more });
  await Promise.all([remake('a', files.a), remake('b', files.b)]);
  return {
    keeper,
    arm: async (stack, points) => {
      const write = ['sh', '-c', `cat > ${FILE}.next && mv ${FILE}.next ${FILE}`];
      await mustExec(docker, stacks[stack].container('proxy'), write, points.join('\n'));
    },
    allReached: async (stack) => {
      const read = () => execIn(docker, stacks[stack].container('proxy'), ['cat', FILE]);
      const what = `the proxy of ${stack} was killed at every point`;
      await eventually(what, read, ({ stderr }) => stderr.includes('No such file'), REACHED_MS);
    },
    restore: async () => {
      await docker.getContainer(stacks.b.container('proxy')).stop();
      await mustExec(docker, keeper, copy(SMALL, LARGE));
      await Promise.all([remake('a', []), remake('b', [])]);
      await docker.getContainer(keeper).remove({ force: true });
    },
  };
}
