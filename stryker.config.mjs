/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['src/core/**/*.ts'],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutation.config.ts' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // A mutant that takes too long counts as noticed, but not one that only waited for a busy machine.
  timeoutMS: 20_000,
  tempDirName: '.mutation/sandbox',
  // All that is copied into the sandbox: what the tests of the core read.
  ignorePatterns: [
    '**',
    '!src/**',
    '!test/core/**',
    '!test/harness/**',
    '!*.json',
    '!vitest.mutation.config.ts',
  ],
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, logTests: false },
  jsonReporter: { fileName: '.mutation/report.json' },
};
