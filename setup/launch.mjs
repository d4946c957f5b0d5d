/** Starting the real program in set-up's place: same terminal, same signals, same exit code. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { SetupError, say } from './report.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */

/** @type {import('node:child_process').ChildProcess | undefined} */
let program;

/** A signal ends set-up, or goes on to the program once that runs. */
export function endOnSignals() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    // Ctrl-C in a terminal reaches the program by itself.
    process.on(signal, () => passOn(signal, signal === 'SIGINT' && process.stdin.isTTY));
  }
  // The shell that npm starts us in passes no signal on; that it is gone is all we see.
  const shell = process.ppid;
  const underNpm = process.env['npm_lifecycle_event'] !== undefined;
  if (!underNpm) return;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    passOn('SIGTERM', false);
  }, 1000).unref();
}

/**
 * @param {'SIGINT' | 'SIGTERM'} signal
 * @param {boolean} programHasIt
 */
function passOn(signal, programHasIt) {
  if (program === undefined) process.exit(128 + constants.signals[signal]);
  if (!programHasIt) program.kill(signal);
}

/**
 * @param {Setup} setup
 * @param {string} node
 * @param {string[]} args
 */
export function launch(setup, node, args) {
  const child = spawn(node, args, { cwd: setup.root, env: setup.env, stdio: 'inherit' });
  program = child;
  child.on('error', (error) => {
    say(
      'failed',
      new SetupError(`node: ${node} does not start (${error.message})`, 'Run npm ci, then this again')
        .message,
    );
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}
