import { defineConfig } from 'vitest/config';

const fast = ['core', 'contract', 'pins', 'architecture', 'setup'];

export default defineConfig({
  test: {
    // One for each core of a small machine; the default leaves one core out, though most tests wait for processes and sockets.
    maxWorkers: 2,
    projects: [
      ...fast.map((name) => ({
        test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 20_000 },
      })),
      {
        test: { name: 'attacks', include: ['test/attacks/**/*.test.ts'], testTimeout: 60_000 },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 600_000,
          // Two gateways keep two cores busy: files beside each other take no less time.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
