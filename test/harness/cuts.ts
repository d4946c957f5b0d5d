import type Docker from 'dockerode';
import { startContainer } from '../../src/lab/containers.ts';
import { mustExec } from '../../src/lab/exec.ts';
import { labImage } from '../../src/lab/images.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { networkOf } from '../../src/lab/names.ts';

/** Where a cable can be cut: the two stacks, and the control server, which is their relay as well. */
export type Place = 'a' | 'b' | 'relay';

/** What one place sends to another does not arrive. */
export type Cut = readonly [from: Place, to: Place];

export interface Cuts {
  make(cuts: readonly Cut[]): Promise<void>;
  heal(): Promise<void>;
  /** Removes what was made for it. */
  end(): Promise<void>;
}

export const BOTH_WAYS: readonly Cut[] = [
  ['a', 'b'],
  ['relay', 'b'],
  ['b', 'a'],
  ['b', 'relay'],
];
/** B hears everybody and is heard by nobody. */
export const B_UNHEARD: readonly Cut[] = [
  ['b', 'a'],
  ['b', 'relay'],
];
/** B is heard by everybody and hears nobody. */
export const B_DEAF: readonly Cut[] = [
  ['a', 'b'],
  ['relay', 'b'],
];

/** Of no machine: what is sent there is lost without a word, as on a cable that was cut. */
const NOBODY = '02:00:00:00:00:99';

async function addressOf(docker: Docker, container: string, network: string): Promise<string> {
  const { NetworkSettings } = await docker.getContainer(container).inspect();
  const address = NetworkSettings.Networks[network]?.IPAddress;
  if (address === undefined) throw new Error(`${container} is not on ${network}`);
  return address;
}

/** Cuts single directions of the lab's network, below IP, so that neither end is told. */
export async function createCuts({ docker, name, stacks, control }: Lab): Promise<Cuts> {
  const namespaces: Readonly<Record<Place, string>> = {
    a: stacks.a.container('netns'),
    b: stacks.b.container('netns'),
    relay: control.container,
  };
  const places = Object.keys(namespaces) as Place[];
  const start = (place: Place) =>
    startContainer(docker, name, {
      name: `cable-${place}`,
      image: labImage('NETNS'),
      command: ['sleep', '2147483647'],
      namespaceOf: namespaces[place],
      capabilities: ['NET_ADMIN'],
    });
  const cables = new Map<Place, string>();
  const addresses = new Map<Place, string>();
  for (const place of places) {
    cables.set(place, await start(place));
    addresses.set(place, await addressOf(docker, namespaces[place], networkOf(name)));
  }
  let made: readonly Cut[] = [];
  const arp = ([from, to]: Cut, how: (address: string) => readonly string[]) =>
    mustExec(docker, cables.get(from) ?? '', ['arp', ...how(addresses.get(to) ?? '')]);
  return {
    make: async (cuts) => {
      made = cuts;
      await Promise.all(cuts.map((cut) => arp(cut, (address) => ['-s', address, NOBODY])));
    },
    heal: async () => {
      await Promise.all(made.map((cut) => arp(cut, (address) => ['-d', address])));
      made = [];
    },
    end: async () => {
      await Promise.all([...cables.values()].map((id) => docker.getContainer(id).remove({ force: true })));
    },
  };
}
