/** Build contexts made from packages of the machine's own distribution: netns, capture, node-base. */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { unpackPackages } from './apt-packages.mjs';
import { lookAtMachine } from './machine.mjs';
import { packagedNode } from './node24.mjs';
import { NPM } from './pins.mjs';
import { SetupError } from './report.mjs';
import { work } from './run.mjs';
import { dropDocumentation, mergeUsr } from './stage-files.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */

/** Where Debian and Ubuntu keep the certificates of the authorities that the machine trusts. */
export const CA_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

/** One download for all images that contain it. @type {Promise<string> | undefined} */
let busybox;

/**
 * @param {Setup} setup
 * @param {string} context
 */
export async function stageBusybox(setup, context) {
  busybox ??= fetchBusybox(setup);
  cpSync(await busybox, join(context, 'busybox'));
}

/** @type {(setup: Setup, context: string) => Promise<void>} */
export const stageNetns = stageBusybox;

/**
 * @param {Setup} setup
 * @param {string} context
 */
export async function stageCapture(setup, context) {
  if (!lookAtMachine().apt) return;
  const rootfs = join(context, 'rootfs');
  const { codename } = lookAtMachine();
  await unpackPackages(setup, {
    step: 'image capture',
    suite: codename,
    packages: ['tcpdump', 'busybox-static'],
    into: rootfs,
    withLibraries: true,
  });
  mergeUsr(rootfs);
  dropDocumentation(rootfs);
}

/**
 * @param {Setup} setup
 * @param {string} context
 */
export async function stageNodeBase(setup, context) {
  const rootfs = join(context, 'rootfs');
  const packages = ['busybox-static', 'libc6', 'libgcc-s1', 'libstdc++6'];
  await unpackPackages(setup, {
    step: 'image node-base',
    suite: distribution('node-base'),
    packages,
    into: rootfs,
  });
  mergeUsr(rootfs);
  dropDocumentation(rootfs);
  const programs = join(rootfs, 'usr', 'local', 'bin');
  mkdirSync(programs, { recursive: true });
  cpSync(packagedNode(setup), join(programs, 'node'));
  chmodSync(join(programs, 'node'), 0o755);
  await addNpm(setup, context, rootfs);
  mkdirSync(join(rootfs, 'etc', 'ssl', 'certs'), { recursive: true });
  if (existsSync(CA_BUNDLE)) cpSync(CA_BUNDLE, join(rootfs, CA_BUNDLE));
  cpSync(join(setup.root, 'images', 'node-base', 'etc'), join(context, 'etc'), { recursive: true });
}

/**
 * @param {Setup} setup
 * @param {string} context
 * @param {string} rootfs
 */
async function addNpm(setup, context, rootfs) {
  const step = 'image node-base';
  const unpacked = join(rootfs, 'usr', 'local', 'lib', 'node_modules');
  mkdirSync(unpacked, { recursive: true });
  await work(setup, {
    step,
    doing: `fetching npm ${NPM}`,
    command: 'npm',
    args: ['pack', `npm@${NPM}`, '--pack-destination', context],
  });
  const archive = join(
    context,
    /** @type {string} */ (readdirSync(context).find((name) => name.endsWith('.tgz'))),
  );
  await work(setup, {
    step,
    doing: 'unpacking npm',
    command: 'tar',
    args: ['-xzf', archive, '-C', unpacked, '--transform', 's,^package,npm,', '--no-same-owner'],
  });
  for (const name of ['npm', 'npx']) {
    chmodSync(join(unpacked, 'npm', 'bin', `${name}-cli.js`), 0o755);
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(rootfs, 'usr', 'local', 'bin', name));
  }
  rmSync(archive);
}

/** @param {Setup} setup */
async function fetchBusybox(setup) {
  const into = join(setup.cache, 'stage', 'busybox-package');
  await unpackPackages(setup, {
    step: 'busybox',
    suite: distribution('busybox'),
    packages: ['busybox-static'],
    into,
  });
  mergeUsr(into);
  return join(into, 'usr', 'bin', 'busybox');
}

/**
 * The suite to take packages from.
 * @param {string} what
 */
function distribution(what) {
  const machine = lookAtMachine();
  if (machine.apt) return machine.codename;
  throw new SetupError(
    `image ${what}: no registry answers, and it can be built without one only on Debian or Ubuntu`,
    'Let the engine reach its registry, or load the official image into it',
  );
}
