/** `npm run lab -- [--no-install] [up | status | send | logs | down] …`: whatever is missing, then the lab itself. */
import { labNeeds, splitArguments } from './needs.mjs';
import { prepareAndRun } from './prepare.mjs';

const { mayInstall, rest } = splitArguments(process.argv.slice(2));
await prepareAndRun({ needs: labNeeds(rest), mayInstall, program: ['src/lab/main.ts', ...rest] });
