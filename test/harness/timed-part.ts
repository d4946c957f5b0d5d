import { afterAll, beforeAll, describe } from 'vitest';

/** A `describe` that prints how long it took: the end-to-end budget is kept by seeing where the time goes. */
export function timedPart(name: string, body: () => void): void {
  describe(name, () => {
    let startedAt = 0;
    beforeAll(() => {
      startedAt = performance.now();
      console.log(`e2e  ${name} ...`);
    });
    body();
    afterAll(() => console.log(`e2e  ${name}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`));
  });
}
