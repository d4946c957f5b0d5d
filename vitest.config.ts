import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const fast = ['core', 'contract', 'pins', 'architecture', 'setup'];

const SOAK = 'test/e2e/soak.test.ts';

/** The soak first: it mostly waits, for minutes, and other tests run beside it. */
class SoakFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => Number(isSoak(other)) - Number(isSoak(one)));
  }
}
const isSoak = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith(SOAK);

export default defineConfig({
  test: {
    // One for each core of a small machine; the default leaves one core out, though most tests wait for processes and sockets.
    maxWorkers: 2,
    sequence: { sequencer: SoakFirst },
    projects: [
      ...fast.map((name) => ({
        test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 20_000 },
      })),
      {
        test: { name: 'attacks', include: ['test/attacks/**/*.test.ts'], testTimeout: 60_000 },
      },
      { test: { name: 'soak', include: [SOAK] } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [SOAK],
          testTimeout: 180_000,
          hookTimeout: 600_000,
          // Two gateways that start at once keep two cores busy: files beside each other take no less time.
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
