/** Official images from a registry, where one answers: found out once, within bounded time. */
import { SetupError } from './report.mjs';
import { ask, work } from './run.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */
/** @typedef {import('./image-plans.mjs').ImagePlan} ImagePlan */

/**
 * @typedef {object} Registry
 * @property {string} [silent] why nothing is pulled any more
 * @property {Promise<unknown>} turn pulls go one after another, so that the first finds out for all
 */

const ANSWER_WITHIN_MS = 20_000;

/**
 * @param {Setup} setup
 * @returns {Registry}
 */
export function newRegistry(setup) {
  const never = setup.env['AGENT_PEER_LAB_PULL'] === 'never';
  return { turn: Promise.resolve(), ...(never ? { silent: 'AGENT_PEER_LAB_PULL=never' } : {}) };
}

/**
 * @param {Setup} setup
 * @param {Registry} registry
 * @param {ImagePlan} plan
 * @returns {Promise<string | undefined>} why it was not pulled
 */
export function pull(setup, registry, plan) {
  const turn = registry.turn.then(() => pullNow(setup, registry, plan));
  registry.turn = turn;
  return turn;
}

/**
 * @param {Setup} setup
 * @param {Registry} registry
 * @param {ImagePlan} plan
 */
async function pullNow(setup, registry, { name, official, tag }) {
  if (official === undefined) return 'it is ours';
  if (registry.silent !== undefined) return registry.silent;
  try {
    await work(setup, {
      step: `image ${name}`,
      doing: `pulling ${official}`,
      command: 'docker',
      args: ['pull', official],
      answerWithinMs: ANSWER_WITHIN_MS,
    });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    if (isAnswer(error.message)) return `its registry has no ${official}`;
    registry.silent = 'no registry answers';
    return registry.silent;
  }
  await ask(setup, 'docker', ['tag', official, tag]);
  return undefined;
}

/**
 * Whether a failed pull was refused by a registry, so that others may still work.
 * @param {string} message
 */
export function isAnswer(message) {
  return /manifest unknown|manifest for .* not found|no matching manifest|does not exist|access denied|toomanyrequests/iu.test(
    message,
  );
}
