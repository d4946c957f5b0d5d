import { defineConfig } from 'vitest/config';

/** What Stryker runs for each mutant: it takes no `--project`, and the other projects would start sockets and containers. */
export default defineConfig({
  test: {
    include: ['test/core/**/*.test.ts'],
    // A property runs once for each of a thousand mutants. Fewer runs can only let more of them live.
    env: { PROPERTY_RUNS: '50' },
  },
});
