import { connectEngine } from '../../src/lab/engine.ts';
import { removeLab } from '../../src/lab/cleanup.ts';
import { pairLab, startLab, type Lab } from '../../src/lab/lab.ts';
import type { Pairing } from '../../src/lab/pairing.ts';
import { startStockOpenClaw, type StockOpenClaw } from '../../src/lab/stock-openclaw.ts';
import { startStranger, type Stranger } from '../../src/lab/stranger.ts';
import { variablesInWords } from '../../src/lab/variables-in-words.ts';
import { LAB_LIMITS } from './lab-limits.ts';

/** What every end-to-end part stands on: two paired stacks and a third node. */
export interface Ground {
  readonly lab: Lab;
  readonly pairing: Pairing;
  readonly stranger: Stranger;
  /** A stock peer of a's, where one was asked for. It comes up beside the first parts. */
  readonly stock: Promise<StockOpenClaw | null>;
  /** What was made and is to be found nowhere afterwards, by what it is: parts add to it. */
  readonly secretsMade: (readonly [what: string, value: string])[];
}

/** Parts are declared before the ground is there, so they take a function that gives it when a test runs. */
export type WithGround = () => Ground;

const tell = (step: string, detail: string) => console.log(`e2e  ${step.padEnd(10)} ${detail}`);

/** Its own lab, beside one that `npm run lab` left running. */
export async function startGround({ withStockPeer = false } = {}): Promise<Ground> {
  const name = { lab: `agent-peer-test-${process.pid}` };
  const lab = await startLab(await connectEngine(), name, tell, { environment: LAB_LIMITS });
  tell('limits', `of both stacks, for these tests: ${variablesInWords(LAB_LIMITS)}`);
  const stranger = await startStranger(lab.docker, lab.name, lab.control);
  const pairing = await pairLab(lab, tell);
  const stock = withStockPeer ? startStockOpenClaw(lab) : Promise.resolve(null);
  // Its own part is told that it failed; the others go on.
  stock.catch(() => undefined);
  return { lab, stranger, stock, pairing, secretsMade: [] };
}

/** Removes the ground. @throws when anything that carries its name is left. */
export async function endGround({ lab, stock }: Ground): Promise<void> {
  await Promise.allSettled([stock]);
  await removeLab(lab.docker, lab.name);
  const left = [
    ...(await lab.docker.listContainers({ all: true })).flatMap(({ Names }) => Names),
    ...(await lab.docker.listNetworks()).map(({ Name }) => Name),
    ...(await lab.docker.listVolumes()).Volumes.map(({ Name }) => Name),
  ].filter((name) => name.includes(lab.name.lab));
  if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
}
