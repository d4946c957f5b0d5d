/**
 * `npm run test:mutation -- [file …]`: breaks src/core in every way Stryker knows and sees whether its tests notice. With
 * files, only these, and the report in docs stays as it is.
 */
import { prepareAndRun } from './prepare.mjs';

await prepareAndRun({
  needs: 'packages',
  mayInstall: false,
  program: ['setup/mutation-run.mjs', ...process.argv.slice(2)],
});
