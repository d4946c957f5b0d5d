/**
 * Loaded before the program of the image, by NODE_OPTIONS: the stack that main.js starts is told of its fault points, and
 * kills its own process by SIGKILL at the first one that /data/fault-points names; the next start goes on with the second.
 * All else is the image's own.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import process from 'node:process';

const FILE = '/data/fault-points';
const START = 'file:///app/dist/stack/start.js';
const WATCHED = `
import { startStack as start } from '${START}?watched';
import { reach } from '${import.meta.url}';
export const startStack = (deps) => start({ ...deps, reach });`;

/** @param {string} point */
export function reach(point) {
  if (!existsSync(FILE)) return;
  const [next, ...rest] = readFileSync(FILE, 'utf8').trim().split('\n');
  if (next !== point) return;
  if (rest.length === 0) rmSync(FILE);
  else {
    writeFileSync(`${FILE}.next`, rest.join('\n'));
    renameSync(`${FILE}.next`, FILE);
  }
  process.kill(process.pid, 'SIGKILL');
}

registerHooks({
  load: (url, context, next) =>
    url === START ? { format: 'module', source: WATCHED, shortCircuit: true } : next(url, context),
});
