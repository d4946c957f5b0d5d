/** Step: `docker compose` is version 2, from the machine or as a plugin in the cache that only the lab's commands see. */
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { aptInstall } from './apt-install.mjs';
import { unpackPackages } from './apt-packages.mjs';
import { lookAtMachine } from './machine.mjs';
import { elapsed, say, SetupError } from './report.mjs';
import { ask } from './run.mjs';
import { atLeast, parseVersion } from './versions.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */

/** The Debian suite whose packages are taken: its plugins run on older suites as well. */
const DEBIAN_SUITE = 'trixie';
const PLUGINS = { 'docker-compose': 'docker-compose', 'docker-buildx': 'docker-buildx' };

/** @param {Setup} setup */
export async function ensureCompose(setup) {
  const own = await composeVersion(setup);
  if (own !== undefined) return say('compose', `using ${own} that docker has`);
  const folder = join(setup.cache, 'docker-config');
  const cached = existsSync(join(folder, 'cli-plugins', 'docker-compose'));
  if (!cached) refuseToInstall(setup);
  if (!cached && lookAtMachine().id === 'ubuntu') return installOnUbuntu(setup);
  const startedAt = Date.now();
  if (!cached) await fetchPlugins(setup, folder);
  writeConfig(setup, folder);
  const version = await composeVersion(setup);
  if (version === undefined)
    throw new SetupError(
      `compose: the plugin in ${folder} does not run`,
      `Remove that folder and run this again`,
    );
  say(
    'compose',
    `using ${version} from ${folder} (${cached ? 'fetched earlier' : `fetched in ${elapsed(startedAt)}; docker had none`})`,
  );
}

/**
 * @param {Setup} setup
 * @returns {Promise<string | undefined>}
 */
async function composeVersion(setup) {
  const answer = await ask(setup, 'docker', ['compose', 'version', '--short']);
  const version = parseVersion(answer.stdout);
  return answer.code === 0 && atLeast(version, [2, 0]) ? `Compose ${version?.join('.')}` : undefined;
}

/** @param {Setup} setup */
function refuseToInstall(setup) {
  const machine = lookAtMachine();
  if (setup.mayInstall && machine.apt) return;
  const packages =
    machine.id === 'debian'
      ? `docker-compose docker-buildx (from ${DEBIAN_SUITE})`
      : 'docker-compose-v2 docker-buildx';
  const why = setup.mayInstall ? 'set-up can fetch it only on Debian or Ubuntu' : '--no-install was given';
  throw new SetupError(
    `compose: docker has no Compose v2 plugin, and ${why}`,
    `Install it for your engine, e.g. the packages ${packages}`,
  );
}

/** @param {Setup} setup */
async function installOnUbuntu(setup) {
  const packages = ['docker-compose-v2', 'docker-buildx'];
  if (!lookAtMachine().root)
    throw new SetupError(
      'compose: docker has no Compose v2 plugin',
      `Run: sudo apt-get install -y ${packages.join(' ')}`,
    );
  await aptInstall(setup, 'compose', packages);
  say('compose', `installed ${packages.join(' and ')} with apt (docker had none)`);
}

/**
 * @param {Setup} setup
 * @param {string} folder
 */
async function fetchPlugins(setup, folder) {
  const unpacked = join(setup.cache, 'stage', 'compose');
  await unpackPackages(setup, {
    step: 'compose',
    suite: DEBIAN_SUITE,
    packages: Object.keys(PLUGINS),
    into: unpacked,
  });
  mkdirSync(join(folder, 'cli-plugins'), { recursive: true });
  for (const plugin of Object.values(PLUGINS).reverse()) {
    const program = join(folder, 'cli-plugins', plugin);
    cpSync(join(unpacked, 'usr', 'libexec', 'docker', 'cli-plugins', plugin), program);
    chmodSync(program, 0o755);
  }
  rmSync(unpacked, { recursive: true });
}

/**
 * Points docker at our plugins and keeps what the person has configured; the context is already in DOCKER_HOST.
 * @param {Setup} setup
 * @param {string} folder
 */
function writeConfig(setup, folder) {
  const theirs = setup.env['DOCKER_CONFIG'] || join(homedir(), '.docker');
  const file = join(theirs, 'config.json');
  const { currentContext: _, ...config } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const pluginFolders = [...(config.cliPluginsExtraDirs ?? []), join(theirs, 'cli-plugins')];
  if (theirs !== folder) {
    writeFileSync(
      join(folder, 'config.json'),
      `${JSON.stringify({ ...config, cliPluginsExtraDirs: pluginFolders }, null, 2)}\n`,
      { mode: 0o600 },
    );
  }
  setup.env['DOCKER_CONFIG'] = folder;
}
