/** Step: a Docker engine answers. Used as it is where there is one; installed and started on Debian and Ubuntu as root. */
import { aptInstall } from './apt-install.mjs';
import { startEngine } from './dockerd.mjs';
import { lookAtMachine } from './machine.mjs';
import { elapsed, lastLine, say, SetupError } from './report.mjs';
import { ask } from './run.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */
/** @typedef {import('./context.mjs').EngineFacts} EngineFacts */
/** @typedef {import('./machine.mjs').Machine} Machine */

const DEFAULT_HOST = 'unix:///var/run/docker.sock';
const PACKAGES = ['docker.io', 'iptables'];

/**
 * @param {Setup} setup
 * @param {{ mayStart: boolean }} options
 */
export async function ensureEngine(setup, { mayStart }) {
  await adoptContext(setup);
  const found = await askEngine(setup);
  if (typeof found !== 'string') return use(setup, found, 'it answers');
  refuseWhatOnlyThePersonCanFix(setup, found);
  if (!mayStart)
    throw new SetupError(
      'engine: no Docker engine runs here, so there is no lab',
      'Start one with: npm run lab',
    );
  const machine = lookAtMachine();
  refuseOtherMachines(machine);
  const startedAt = Date.now();
  const how = await installAndStart(setup, machine);
  const started = await askEngine(setup);
  if (typeof started === 'string')
    throw new SetupError(`engine: ${started}`, 'Start it by hand, then run this again');
  use(setup, started, `${how} (none ran; ${elapsed(startedAt)})`);
}

/**
 * @param {Setup} setup
 * @param {EngineFacts} facts
 * @param {string} why
 */
function use(setup, facts, why) {
  setup.engine = facts;
  say('engine', `using Docker ${facts.version} (${facts.os}/${facts.arch}): ${why}`);
}

/**
 * @param {Setup} setup
 * @returns {Promise<EngineFacts | string>} the engine, or why there is none
 */
async function askEngine(setup) {
  const answer = await ask(
    setup,
    'docker',
    ['version', '--format', '{{.Server.Version}} {{.Server.Os}} {{.Server.Arch}}'],
    { timeoutMs: 15_000 },
  );
  const [version, os, arch] = answer.stdout.trim().split(' ');
  if (answer.code === 0 && version && os && arch) return { version, os, arch };
  return lastLine(answer.stderr) || 'docker version gave no answer';
}

/**
 * The lab's libraries know DOCKER_HOST but not the docker command's contexts: tell them where the context points.
 * @param {Setup} setup
 */
async function adoptContext(setup) {
  if (setup.env['DOCKER_HOST']) return;
  const answer = await ask(setup, 'docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']);
  const host = answer.stdout.trim();
  if (answer.code === 0 && host !== '' && host !== DEFAULT_HOST) setup.env['DOCKER_HOST'] = host;
}

/**
 * @param {Setup} setup
 * @param {string} problem
 */
function refuseWhatOnlyThePersonCanFix(setup, problem) {
  const host = setup.env['DOCKER_HOST'];
  if (host && host !== DEFAULT_HOST) {
    throw new SetupError(
      `engine: nothing answers at ${host}, which DOCKER_HOST or the docker context names (${problem})`,
      'Start that engine, or unset it',
    );
  }
  if (/permission denied/iu.test(problem)) {
    throw new SetupError(
      'engine: it runs, but this user may not use it',
      'Run: sudo usermod -aG docker "$USER", then log in again',
    );
  }
}

/** @param {Machine} machine */
function refuseOtherMachines(machine) {
  if (process.platform !== 'linux') {
    throw new SetupError(
      'engine: no Docker engine answers',
      'Start Docker Desktop (or another engine), then run this again',
    );
  }
  if (machine.apt && machine.root) return;
  const command = machine.apt
    ? `sudo apt-get install -y ${PACKAGES.join(' ')} && sudo systemctl start docker`
    : 'sudo systemctl start docker';
  throw new SetupError(
    `engine: no Docker engine answers, and set-up starts one only as root on Debian or Ubuntu`,
    `Install or start it, e.g.: ${command}`,
  );
}

/**
 * @param {Setup} setup
 * @param {Machine} machine
 */
async function installAndStart(setup, machine) {
  const installed = (await ask(setup, 'dockerd', ['--version'])).code === 0;
  if (!installed) {
    if (!setup.mayInstall)
      throw new SetupError(
        'engine: none is installed, and --no-install was given',
        `Run: apt-get install -y ${PACKAGES.join(' ')}`,
      );
    await aptInstall(setup, 'engine', PACKAGES);
  }
  if (typeof (await askEngine(setup)) !== 'string') return 'installed docker.io with apt';
  const how = await startEngine(setup, machine.systemd);
  return installed ? how : `installed docker.io with apt, ${how}`;
}
