/** Step: the lab's images are in the engine, under names that follow their content. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { newRegistry, pull } from './image-pull.mjs';
import { planImages, variableFor } from './image-plans.mjs';
import { elapsed, say } from './report.mjs';
import { ask, work } from './run.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */
/** @typedef {import('./image-plans.mjs').ImagePlan} ImagePlan */
/** @typedef {import('./image-plans.mjs').ImagePlans} ImagePlans */
/** @typedef {import('./image-pull.mjs').Registry} Registry */

/** How many images of one name stay: the current one and some that other checkouts may use. */
const KEEP = 10;

/**
 * Names the images for the started program, whether or not they exist.
 * @param {Setup} setup
 * @returns {ImagePlans}
 */
export function nameImages(setup) {
  const plans = planImages(setup);
  for (const plan of Object.values(plans)) setup.env[variableFor(plan.name)] = plan.tag;
  return plans;
}

/** @param {Setup} setup */
export async function ensureImages(setup) {
  const plans = nameImages(setup);
  const present = await tagsInEngine(setup);
  const missing = Object.values(plans).filter((plan) => !present.includes(plan.tag));
  if (missing.length === 0)
    return say(
      'images',
      `using the ${Object.keys(plans).length} that the engine has (nothing that defines them changed)`,
    );
  await chooseBuilder(setup);
  const registry = newRegistry(setup);
  /** @param {ImagePlan[]} lane */
  const inOrder = async (lane) => {
    for (const plan of lane.filter((each) => missing.includes(each))) await provide(setup, registry, plan);
  };
  const { netns, nodeBase, openclaw, proxy, capture, tailscale, headscale } = plans;
  await Promise.all([inOrder([netns, nodeBase, openclaw, capture, proxy]), inOrder([tailscale, headscale])]);
  for (const plan of missing) await dropOld(setup, plan);
}

/** @param {Setup} setup */
async function tagsInEngine(setup) {
  const list = await ask(setup, 'docker', [
    'image',
    'ls',
    '--format',
    '{{.Repository}}:{{.Tag}}',
    '--filter',
    'reference=agent-peer-lab/*',
  ]);
  return list.stdout.split('\n');
}

/**
 * Without the buildx plugin, new docker commands only warn and fall back; say it to them at once.
 * @param {Setup} setup
 */
async function chooseBuilder(setup) {
  const buildx = await ask(setup, 'docker', ['buildx', 'version']);
  setup.env['BUILDKIT_PROGRESS'] ??= 'plain';
  if (buildx.code !== 0) setup.env['DOCKER_BUILDKIT'] ??= '0';
}

/**
 * @param {Setup} setup
 * @param {Registry} registry
 * @param {ImagePlan} plan
 */
async function provide(setup, registry, plan) {
  const startedAt = Date.now();
  const notPulled = await pull(setup, registry, plan);
  if (notPulled !== undefined) await build(setup, plan);
  const how = notPulled === undefined ? `pulled ${plan.official}` : `built here (${notPulled})`;
  say(`image ${plan.name}`, `${how} in ${elapsed(startedAt)}: ${plan.tag}`);
}

/**
 * @param {Setup} setup
 * @param {ImagePlan} plan
 */
async function build(setup, plan) {
  const context = join(setup.cache, 'stage', plan.name);
  rmSync(context, { recursive: true, force: true });
  mkdirSync(context, { recursive: true });
  await plan.stage(setup, context);
  const args = Object.entries(plan.buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const command = ['build', '-f', join(setup.root, plan.dockerfile), ...args, '-t', plan.tag, context];
  await work(setup, { step: `image ${plan.name}`, doing: 'docker build', command: 'docker', args: command });
  rmSync(context, { recursive: true, force: true });
}

/**
 * Removes the oldest images of the same name; those in use by a container refuse and stay.
 * @param {Setup} setup
 * @param {ImagePlan} plan
 */
async function dropOld(setup, plan) {
  const list = await ask(setup, 'docker', [
    'image',
    'ls',
    '--format',
    '{{.Repository}}:{{.Tag}}',
    `agent-peer-lab/${plan.name}`,
  ]);
  const old = list.stdout
    .split('\n')
    .filter((tag) => tag !== '' && tag !== plan.tag)
    .slice(KEEP - 1);
  for (const tag of old) await ask(setup, 'docker', ['image', 'rm', tag]);
}
