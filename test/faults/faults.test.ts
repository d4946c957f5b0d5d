/**
 * The long form of every fault that whole machines, containers and the network between them can have: `npm run
 * test:faults`. The short forms are a part of test/e2e/two-stacks.test.ts, from the same source.
 */
import { afterAll, beforeAll } from 'vitest';
import { faults, LONG } from '../e2e/parts/faults.ts';
import { absences, LONG_OUTAGES, outages } from '../e2e/parts/outages.ts';
import { endGround, startGround, type Ground } from '../harness/ground.ts';

let ground: Ground | undefined;

function withGround(): Ground {
  if (ground === undefined) throw new Error('the ground did not start: see the first error');
  return ground;
}

beforeAll(async () => {
  ground = await startGround();
});
afterAll(async () => {
  if (ground !== undefined) await endGround(ground);
});

outages(withGround, LONG_OUTAGES);
absences(withGround);
faults(withGround, LONG);
