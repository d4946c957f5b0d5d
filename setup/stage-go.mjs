/** Build contexts made from Go modules: tailscale and headscale. */
import { join } from 'node:path';
import { GO_MINIMUM, GO_TOOLCHAIN, TAILSCALE } from './pins.mjs';
import { SetupError } from './report.mjs';
import { ask, work } from './run.mjs';
import { stageBusybox } from './stage-distribution.mjs';
import { atLeast, parseVersion } from './versions.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */

/** Since this Go, GOTOOLCHAIN fetches a newer one from the module proxy. */
const GO_THAT_FETCHES = [1, 21];
const VERSION_FLAGS = ['longStamp', 'shortStamp']
  .map((name) => `-X tailscale.com/version.${name}=${TAILSCALE}`)
  .join(' ');
const FLAGS = ['-trimpath', '-buildvcs=false', '-v'];

/** What defines these images besides their folders. @type {Record<string, string>} */
export const goPins = { tailscale: TAILSCALE, flags: FLAGS.join(' ') };

/**
 * @param {Setup} setup
 * @param {string} context
 */
export async function stageTailscale(setup, context) {
  await stageBusybox(setup, context);
  const packages = ['containerboot', 'tailscale', 'tailscaled'].map((name) => `tailscale.com/cmd/${name}`);
  await build(setup, { name: 'tailscale', packages, linker: `-s -w ${VERSION_FLAGS}`, context });
}

/**
 * @param {Setup} setup
 * @param {string} context
 */
export async function stageHeadscale(setup, context) {
  await build(setup, {
    name: 'headscale',
    packages: ['github.com/juanfont/headscale/cmd/headscale'],
    linker: '-s -w',
    context,
  });
}

/**
 * @param {Setup} setup
 * @param {{ name: string, packages: string[], linker: string, context: string }} wanted
 */
async function build(setup, { name, packages, linker, context }) {
  const env = {
    ...(await toolchain(setup)),
    CGO_ENABLED: '0',
    GOOS: 'linux',
    GOARCH: setup.engine?.arch ?? '',
    GOWORK: 'off',
  };
  const args = ['build', ...FLAGS, '-ldflags', linker, '-o', `${context}/`, ...packages];
  await work(setup, {
    step: `image ${name}`,
    doing: 'go build',
    command: 'go',
    args,
    cwd: join(setup.root, 'images', name),
    env,
  });
}

/**
 * @param {Setup} setup
 * @returns {Promise<Record<string, string>>} environment that gives a Go which is new enough
 */
async function toolchain(setup) {
  const said = (await ask(setup, 'go', ['env', 'GOVERSION'])).stdout;
  const version = parseVersion(said);
  if (atLeast(version, GO_MINIMUM)) return {};
  if (atLeast(version, GO_THAT_FETCHES)) return { GOTOOLCHAIN: GO_TOOLCHAIN };
  const have = version === undefined ? 'no Go is on PATH' : `PATH has Go ${version.join('.')}`;
  throw new SetupError(
    `image tailscale: no registry answers, and building it needs Go ${GO_MINIMUM.join('.')} (${have})`,
    'Install that Go, or let the engine reach its registry',
  );
}
