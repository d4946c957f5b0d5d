/** All steps in their order, then the program they are for. */
import { ensureCompose } from './compose.mjs';
import { newSetup } from './context.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { ensureEngine } from './engine.mjs';
import { ensureImages, nameImages } from './images.mjs';
import { endOnSignals, launch } from './launch.mjs';
import { holdLock } from './lock.mjs';
import { ensureNode24 } from './node24.mjs';
import { say, SetupError } from './report.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */
/** @typedef {import('./needs.mjs').Needs} Needs */

/**
 * @param {{ needs: Needs, mayInstall: boolean, program: string[] }} job program: arguments for Node
 */
export async function prepareAndRun({ needs, mayInstall, program }) {
  endOnSignals();
  const setup = newSetup({ mayInstall });
  try {
    const node = await prepare(setup, needs);
    launch(setup, node, program);
  } catch (error) {
    say(
      'failed',
      error instanceof SetupError ? error.message : String(error instanceof Error ? error.stack : error),
    );
    process.exit(1);
  }
}

/**
 * @param {Setup} setup
 * @param {Needs} needs
 * @returns {Promise<string>} the Node to run with
 */
async function prepare(setup, needs) {
  const release = await holdLock(setup);
  const [node] = await Promise.all([packagesAndNode(setup), engineAndCompose(setup, needs)]);
  if (needs === 'everything') await ensureImages(setup);
  else nameImages(setup);
  release();
  return node;
}

/** @param {Setup} setup */
async function packagesAndNode(setup) {
  await ensureDependencies(setup);
  return ensureNode24(setup);
}

/**
 * @param {Setup} setup
 * @param {Needs} needs
 */
async function engineAndCompose(setup, needs) {
  if (needs === 'packages') return;
  await ensureEngine(setup, { mayStart: needs === 'everything' });
  if (needs === 'everything') await ensureCompose(setup);
}
