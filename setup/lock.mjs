/** One set-up at a time: two would build the same images into the same folders. */
import { mkdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { clearDeadSocket } from './process-files.mjs';
import { say } from './report.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */

/**
 * Waits for its turn. The lock is a listening socket, so it ends with the process that holds it, however that ends.
 * @param {Setup} setup
 * @returns {Promise<() => void>} gives the lock back
 */
export async function holdLock(setup) {
  mkdirSync(setup.cache, { recursive: true });
  const file = join(setup.cache, 'setup.sock');
  for (;;) {
    const release = await tryToHold(file);
    if (release !== undefined) return release;
    await untilReleased(file);
  }
}

/**
 * @param {string} file
 * @returns {Promise<(() => void) | undefined>}
 */
function tryToHold(file) {
  /** @type {Set<import('node:net').Socket>} */
  const waiting = new Set();
  const server = createServer((socket) => {
    waiting.add(socket.unref());
    socket.on('error', () => waiting.delete(socket)).on('close', () => waiting.delete(socket));
  });
  return new Promise((resolve) => {
    server.on('error', () => resolve(undefined));
    server.listen(file, () => {
      server.unref();
      resolve(() => {
        server.close();
        waiting.forEach((socket) => socket.destroy());
      });
    });
  });
}

/**
 * @param {string} file
 * @returns {Promise<void>}
 */
async function untilReleased(file) {
  await clearDeadSocket(file);
  await new Promise((resolve) => {
    const ticker = setInterval(() => say('waiting', 'another set-up is at work'), 10_000);
    const socket = connect(file).resume();
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(ticker);
      resolve(undefined);
    });
  });
}
