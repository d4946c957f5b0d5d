/** `npm test -- [--no-install] …`: whatever the tests need, then vitest with the given arguments; all but the long faults. */
import { splitArguments } from './needs.mjs';
import { prepareAndRun } from './prepare.mjs';

const { mayInstall, rest } = splitArguments(process.argv.slice(2));
await prepareAndRun({
  needs: 'everything',
  mayInstall,
  program: ['node_modules/vitest/vitest.mjs', 'run', '--project=!faults', ...rest],
});
