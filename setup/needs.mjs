/** What the given command line asks set-up for. */

/** packages: only Node and packages; engine: one that runs already; everything: engine, Compose and images. */
/** @typedef {'packages' | 'engine' | 'everything'} Needs */

const OF_A_RUNNING_LAB = ['status', 'logs', 'down', 'send'];
const NO_INSTALL = '--no-install';

/**
 * Takes our own option out of the arguments.
 * @param {string[]} args
 */
export function splitArguments(args) {
  return { mayInstall: !args.includes(NO_INSTALL), rest: args.filter((arg) => arg !== NO_INSTALL) };
}

/**
 * @param {string[]} args of npm run lab
 * @returns {Needs}
 */
export function labNeeds(args) {
  if (args.some((arg) => arg === '--help' || arg === '-h')) return 'packages';
  const command = args.find((arg) => !arg.startsWith('-')) ?? '';
  if (command === 'help') return 'packages';
  return OF_A_RUNNING_LAB.includes(command) ? 'engine' : 'everything';
}
