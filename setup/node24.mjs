/** Step: a Node that the project runs on, without asking the person to change theirs. */
import { join } from 'node:path';
import { say, SetupError } from './report.mjs';
import { ask } from './run.mjs';
import { nodeIsNewEnough } from './versions.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */

/** @param {Setup} setup */
export const packagedNode = (setup) => join(setup.root, 'node_modules', 'node', 'bin', 'node');

/**
 * @param {Setup} setup
 * @returns {Promise<string>} the program to start
 */
export async function ensureNode24(setup) {
  const onPath = await versionOf(setup, 'node');
  if (nodeIsNewEnough(onPath)) {
    say('node', `using ${onPath} from PATH`);
    return 'node';
  }
  const program = packagedNode(setup);
  const version = await versionOf(setup, program);
  if (!nodeIsNewEnough(version)) {
    throw new SetupError(
      `node: PATH has ${onPath || 'none'}, and ${program} does not run here`,
      'Run: npm ci --ignore-scripts=false, or install Node 24.16 or later',
    );
  }
  say('node', `using ${version} from the npm package (PATH has ${onPath || 'none'})`);
  return program;
}

/**
 * @param {Setup} setup
 * @param {string} program
 */
async function versionOf(setup, program) {
  const { stdout } = await ask(setup, program, ['--version']);
  return stdout.trim().replace(/^v/u, '');
}
