/** `npm run test:faults -- [--no-install] …`: whatever the tests need, then the long form of every fault. */
import { splitArguments } from './needs.mjs';
import { prepareAndRun } from './prepare.mjs';

const { mayInstall, rest } = splitArguments(process.argv.slice(2));
await prepareAndRun({
  needs: 'everything',
  mayInstall,
  program: ['node_modules/vitest/vitest.mjs', 'run', '--project=faults', ...rest],
});
