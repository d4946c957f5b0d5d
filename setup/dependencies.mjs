/** Step: the packages of package-lock.json are in node_modules. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { elapsed, say } from './report.mjs';
import { work } from './run.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */
/** @typedef {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>} Packages */

/** @param {Setup} setup */
export async function ensureDependencies(setup) {
  const reason = reasonToInstall(setup.root);
  if (reason === undefined) return say('packages', 'node_modules has what package-lock.json lists');
  const startedAt = Date.now();
  await work(setup, {
    step: 'packages',
    doing: 'npm ci',
    command: 'npm',
    args: ['ci', '--no-audit', '--no-fund'],
  });
  say('packages', `npm ci done in ${elapsed(startedAt)} (${reason})`);
}

/** @param {string} root */
function reasonToInstall(root) {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return 'node_modules was missing or incomplete';
  const same = listsSamePackages(packagesOf(join(root, 'package-lock.json')), packagesOf(installed));
  return same ? undefined : 'package-lock.json lists other versions than node_modules';
}

/**
 * Whether npm's own record of the last install has the versions of the lock file. Packages for other platforms are in
 * the lock file only.
 * @param {Packages} locked
 * @param {Packages} installed
 */
export function listsSamePackages(locked, installed) {
  return Object.entries(locked).every(([path, { version, optional, devOptional }]) => {
    const have = installed[path];
    if (path === '' || (have === undefined && (optional ?? devOptional))) return true;
    return have?.version === version;
  });
}

/**
 * @param {string} file
 * @returns {Packages}
 */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}
