/** `npm run soak -- [--no-install] [--minutes 30] [--seed <n>]`: whatever is missing, then the soak itself. */
import { splitArguments } from './needs.mjs';
import { prepareAndRun } from './prepare.mjs';

const { mayInstall, rest } = splitArguments(process.argv.slice(2));
await prepareAndRun({
  needs: rest.some((arg) => arg === '--help' || arg === '-h') ? 'packages' : 'everything',
  mayInstall,
  program: ['src/lab/soak/main.ts', ...rest],
});
