import fc from 'fast-check';
import { afterAll, it } from 'vitest';
import { printSize } from './print-size.ts';

/** The same values in every run: a red property stays red until somebody mends it. */
const SEED = 20_260_401;
const RUNS = 1000;
/** The mutation run sets it. */
const MOST_RUNS = Number(process.env['PROPERTY_RUNS'] ?? Infinity);

/**
 * A test per property, and a line with their number once they have held.
 * @param subject what they are properties of, e.g. `the judge`
 */
export function propertiesOf(subject: string) {
  let held = 0;
  let tried = 0;
  afterAll(() => {
    printSize('properties', `${subject}, ${held} properties, ${tried} runs`);
  });
  return <Values>(name: string, property: fc.IRawProperty<Values, false>, wanted = RUNS): void => {
    it(name, () => {
      const numRuns = Math.min(wanted, MOST_RUNS);
      fc.assert(property, { seed: SEED, numRuns });
      held += 1;
      tried += numRuns;
    });
  };
}
