/** Installing system packages, which only root on Debian or Ubuntu does, and only where --no-install was not given. */
import { work } from './run.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */

/**
 * @param {Setup} setup
 * @param {string} step
 * @param {string[]} packages
 */
export async function aptInstall(setup, step, packages) {
  const options = ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];
  const job = { step, command: 'apt-get', env: { DEBIAN_FRONTEND: 'noninteractive' } };
  const install = {
    ...job,
    doing: `apt-get install ${packages.join(' ')}`,
    args: ['install', ...options, ...packages],
  };
  try {
    await work(setup, install);
  } catch {
    // The package lists are missing or older than the mirror.
    await work(setup, { ...job, doing: 'apt-get update', args: ['update'] });
    await work(setup, install);
  }
}
