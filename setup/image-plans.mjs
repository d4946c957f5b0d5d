/** The lab's images: what each is called, what defines it, and how its build context is put together. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash, filesUnder, readAll } from './content-hash.mjs';
import { lookAtMachine } from './machine.mjs';
import { NPM, OFFICIAL, OPENCLAW } from './pins.mjs';
import { CA_BUNDLE, stageCapture, stageNetns, stageNodeBase } from './stage-distribution.mjs';
import { stageFiles } from './stage-files.mjs';
import { goPins, stageHeadscale, stageTailscale } from './stage-go.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */
/** @typedef {import('./machine.mjs').Machine} Machine */

/** @typedef {{ path: string, content: string | Buffer }} File */

/**
 * @typedef {object} Definition
 * @property {string} name
 * @property {File[]} files what defines the image, relative to the repository
 * @property {Record<string, string>} [pins] what else does
 * @property {string} [official] the image that this one stands in for
 * @property {string} [dockerfile]
 * @property {Record<string, string>} [buildArgs]
 * @property {(setup: Setup, context: string) => Promise<void> | void} stage fills the build context
 */

/** @typedef {Required<Pick<Definition, 'name' | 'dockerfile' | 'buildArgs' | 'stage'>> & { tag: string, official: string | undefined }} ImagePlan */

/** @typedef {{ netns: ImagePlan, capture: ImagePlan, nodeBase: ImagePlan, openclaw: ImagePlan, proxy: ImagePlan, tailscale: ImagePlan, headscale: ImagePlan }} ImagePlans */

/**
 * @param {Setup} setup
 * @returns {ImagePlans}
 */
export function planImages(setup) {
  const { root } = setup;
  const machine = lookAtMachine();
  const nodeBase = toPlan({
    ...folder(root, 'node-base'),
    pins: nodePins(setup, machine),
    official: OFFICIAL.nodeBase,
    stage: stageNodeBase,
  });
  const capture = { ...folder(root, 'capture'), dockerfile: captureDockerfile(machine), stage: stageCapture };
  return {
    netns: toPlan({ ...folder(root, 'netns'), official: OFFICIAL.netns, stage: stageNetns }),
    capture: toPlan(capture),
    nodeBase,
    openclaw: toPlan(openclaw(root, nodeBase)),
    proxy: toPlan(proxy(root, nodeBase)),
    tailscale: toPlan(goImage(root, 'tailscale', stageTailscale)),
    headscale: toPlan(goImage(root, 'headscale', stageHeadscale)),
  };
}

/**
 * What defines an image that is all in its folder.
 * @param {string} root
 * @param {string} name
 */
function folder(root, name) {
  return { name, files: readAll(root, filesUnder(root, [`images/${name}`])) };
}

/**
 * @param {string} root
 * @param {'tailscale' | 'headscale'} name
 * @param {Definition['stage']} stage
 * @returns {Definition}
 */
function goImage(root, name, stage) {
  return { ...folder(root, name), pins: goPins, official: OFFICIAL[name], stage };
}

/**
 * @param {string} root
 * @param {ImagePlan} base
 * @returns {Definition}
 */
function openclaw(root, base) {
  const buildArgs = { BASE_IMAGE: base.tag, OPENCLAW_VERSION: OPENCLAW };
  return { ...folder(root, 'openclaw'), official: OFFICIAL.openclaw, buildArgs, stage: () => {} };
}

/**
 * The proxy from this repository's sources. Its context holds what defines it and nothing else.
 * @param {string} root
 * @param {ImagePlan} base
 * @returns {Definition}
 */
function proxy(root, base) {
  const configs = readdirSync(root).filter((name) => /^tsconfig.*\.json$/u.test(name));
  const paths = ['package.json', 'package-lock.json', ...configs, 'src', 'images/proxy'];
  const files = readAll(
    root,
    filesUnder(root, paths, (path) => !path.startsWith('src/lab/')),
  );
  return {
    name: 'proxy',
    files,
    buildArgs: { BASE_IMAGE: base.tag },
    stage: (_, context) => stageFiles(files, context),
  };
}

/** @param {string} name as in node-base */
export function variableFor(name) {
  return `AGENT_PEER_LAB_IMAGE_${name.toUpperCase().replaceAll('-', '_')}`;
}

/**
 * @param {Definition} definition
 * @returns {ImagePlan}
 */
function toPlan({
  name,
  files,
  pins = {},
  official,
  dockerfile = `images/${name}/Dockerfile`,
  buildArgs = {},
  stage,
}) {
  const hash = contentHash(files, {
    ...pins,
    ...buildArgs,
    official: official ?? '',
    dockerfile,
  });
  return { name, tag: `agent-peer-lab/${name}:${hash}`, official, dockerfile, buildArgs, stage };
}

/**
 * @param {Setup} setup
 * @param {Machine} machine
 */
function nodePins(setup, machine) {
  const manifest = join(setup.root, 'node_modules', 'node', 'package.json');
  const node = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : '';
  const authorities = existsSync(CA_BUNDLE)
    ? contentHash([{ path: CA_BUNDLE, content: readFileSync(CA_BUNDLE) }], {})
    : '';
  return { node, npm: NPM, suite: machine.codename, authorities };
}

/** @param {Machine} machine */
function captureDockerfile(machine) {
  return machine.apt ? 'images/capture/Dockerfile.packages' : 'images/capture/Dockerfile';
}
