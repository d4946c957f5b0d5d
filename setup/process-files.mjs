/** Deciding whether a pid file or a socket that lies about belongs to something that still lives. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';

/**
 * The name of a running process, or undefined when there is none with this pid.
 * @param {number} pid
 */
export function processName(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/**
 * A pid file is stale when its process is gone, or when its number now belongs to another program, as happens after a
 * restart of the machine. A file that names no pid counts as stale too.
 * @param {string} content of the pid file
 * @param {string} expected name of the program
 * @param {(pid: number) => string | undefined} [nameOf]
 */
export function isStalePid(content, expected, nameOf = processName) {
  const pid = Number(content.trim());
  if (!Number.isInteger(pid) || pid <= 0) return true;
  return nameOf(pid) !== expected;
}

/**
 * Removes a pid file that no longer belongs to its program.
 * @param {string} file
 * @param {string} expected
 * @returns {boolean} whether the program still runs
 */
export function livesOrIsCleared(file, expected) {
  if (!existsSync(file)) return false;
  if (!isStalePid(readFileSync(file, 'utf8'), expected)) return true;
  rmSync(file, { force: true });
  return false;
}

/**
 * Removes a unix socket that nobody listens on any more.
 * @param {string} file
 * @returns {Promise<void>}
 */
export function clearDeadSocket(file) {
  if (!existsSync(file)) return Promise.resolve();
  return new Promise((resolve) => {
    const socket = connect(file, () => resolve(void socket.destroy()));
    socket.on('error', () => {
      rmSync(file, { force: true });
      resolve();
    });
  });
}
