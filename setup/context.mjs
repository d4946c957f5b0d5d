/** What every step is given: where things are, what it may do, and what it hands on. */
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Setup
 * @property {string} root the repository
 * @property {string} cache folder for everything that set-up makes outside the repository
 * @property {boolean} mayInstall whether system packages (engine, Compose) may be installed
 * @property {NodeJS.ProcessEnv} env environment of every child process; steps add to it
 * @property {EngineFacts} [engine] the engine, once it answers
 */

/** @typedef {{ version: string, os: string, arch: string }} EngineFacts */

/** @param {NodeJS.ProcessEnv} env */
export function cacheFolder(env) {
  const base = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'agent-peer');
}

/**
 * PATH without the folder that npm puts in front of it: `npm ci` replaces what is in there while it runs.
 * @param {string} path
 * @param {string} root
 */
export function pathOutside(path, root) {
  const own = join(root, 'node_modules');
  return path
    .split(delimiter)
    .filter((folder) => !folder.startsWith(own))
    .join(delimiter);
}

/**
 * @param {{ mayInstall: boolean }} options
 * @returns {Setup}
 */
export function newSetup({ mayInstall }) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  // Ryuk is an image that testcontainers would pull; the tests clean up by themselves.
  const env = {
    ...process.env,
    TESTCONTAINERS_RYUK_DISABLED: 'true',
    PATH: pathOutside(process.env['PATH'] ?? '', root),
  };
  return { root, cache: cacheFolder(env), mayInstall, env };
}
