/** Starting the Docker engine on a machine that may have no service manager and may hold leftovers of a dead engine. */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clearDeadSocket, livesOrIsCleared } from './process-files.mjs';
import { elapsed, lastLine, say, SetupError } from './report.mjs';
import { ask, work } from './run.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */

const PID_FILE = '/var/run/docker.pid';
const CONTAINERD_PID_FILE = '/var/run/docker/containerd/containerd.pid';
const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';
const START_WITHIN_MS = 90_000;

/**
 * @param {Setup} setup
 * @param {boolean} systemd
 * @returns {Promise<string>} how it was started
 */
export async function startEngine(setup, systemd) {
  if (systemd) {
    await work(setup, {
      step: 'engine',
      doing: 'systemctl start docker',
      command: 'systemctl',
      args: ['start', 'docker'],
    });
    await untilItAnswers(setup, 'journalctl -u docker', () => true);
    return 'started with systemctl';
  }
  const log = join(setup.cache, 'logs', 'dockerd.log');
  if (livesOrIsCleared(PID_FILE, 'dockerd')) {
    const pid = readFileSync(PID_FILE, 'utf8').trim();
    await untilItAnswers(setup, `process ${pid}`, () => livesOrIsCleared(PID_FILE, 'dockerd'));
    return `dockerd was starting, pid ${pid}`;
  }
  livesOrIsCleared(CONTAINERD_PID_FILE, 'containerd');
  await clearDeadSocket(CONTAINERD_SOCKET);
  const daemon = spawnDaemon(setup, log);
  await untilItAnswers(setup, log, () => daemon.exitCode === null);
  return `started dockerd, pid ${daemon.pid}, log ${log}`;
}

/**
 * @param {Setup} setup
 * @param {string} log
 */
function spawnDaemon(setup, log) {
  mkdirSync(join(setup.cache, 'logs'), { recursive: true });
  const output = openSync(log, 'a');
  const daemon = spawn('dockerd', [], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', output, output],
    env: setup.env,
  });
  daemon.on('error', () => {});
  daemon.unref();
  return daemon;
}

/**
 * @param {Setup} setup
 * @param {string} log where to look when it does not come up
 * @param {() => boolean} alive
 */
async function untilItAnswers(setup, log, alive) {
  const startedAt = Date.now();
  let told = startedAt;
  while (Date.now() - startedAt < START_WITHIN_MS && alive()) {
    const version = await ask(setup, 'docker', ['version', '--format', '{{.Server.Version}}'], {
      timeoutMs: 10_000,
    });
    if (version.code === 0) return;
    if (Date.now() - told >= 10_000) {
      say('engine', `waiting for it to answer (${elapsed(startedAt)}) ${lastLine(version.stderr)}`);
      told = Date.now();
    }
    await sleep(500);
  }
  throw new SetupError(`engine: dockerd did not come up within ${elapsed(startedAt)}`, `Its log: ${log}`);
}
