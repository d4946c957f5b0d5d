/** Running other programs: quietly for an answer, or told to the person while they work. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { elapsed, lastLine, say, SetupError, tellingLine } from './report.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */
/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** @typedef {{ code: number, stdout: string, stderr: string }} Outcome */
/** A run is ended after timeoutMs, or when it has said nothing after answerWithinMs. */
/** @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, answerWithinMs?: number }} RunOptions */

const TELL_EVERY_MS = 10_000;
const NO_SUCH_PROGRAM = 127;

/** Children still at work, to be ended when set-up ends early. @type {Set<ChildProcess>} */
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGTERM')));

/**
 * Runs a program to its end. A non-zero exit is an answer, not an exception.
 * @param {Setup} setup
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<Outcome>}
 */
export function ask(setup, command, args, options = {}) {
  return follow(start(setup, command, args, options), options, () => {});
}

/**
 * Runs a program that may take long: a line every ten seconds, its output in a file, a clear error when it fails.
 * @param {Setup} setup
 * @param {{ step: string, doing: string, command: string, args: string[] } & RunOptions} job
 * @returns {Promise<string>} what it wrote to stdout
 */
export async function work(setup, job) {
  const logFile = join(setup.cache, 'logs', `${job.step.replaceAll(/\W+/gu, '-')}.log`);
  mkdirSync(join(setup.cache, 'logs'), { recursive: true });
  const log = createWriteStream(logFile, { flags: 'a' });
  log.write(`\n$ ${job.command} ${job.args.join(' ')}\n`);
  const startedAt = Date.now();
  let last = '';
  const ticker = setInterval(
    () => say(job.step, `${job.doing} (${elapsed(startedAt)}) ${last}`),
    TELL_EVERY_MS,
  );
  const outcome = await follow(start(setup, job.command, job.args, job), job, (chunk) => {
    log.write(chunk);
    last = lastLine(chunk) || last;
  });
  clearInterval(ticker);
  log.end();
  if (outcome.code === 0) return outcome.stdout;
  const said = tellingLine(outcome.stderr || outcome.stdout);
  throw new SetupError(
    `${job.step}: ${job.doing} failed (${job.command}, exit ${outcome.code}: ${said})`,
    `All output is in ${logFile}`,
  );
}

/**
 * @param {Setup} setup
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} options
 */
function start(setup, command, args, { cwd = setup.root, env = {} }) {
  const child = spawn(command, args, {
    cwd,
    env: { ...setup.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  return child;
}

/**
 * @param {ReturnType<typeof start>} child
 * @param {RunOptions} options
 * @param {(chunk: string) => void} onOutput
 * @returns {Promise<Outcome>}
 */
function follow(child, { timeoutMs, answerWithinMs }, onOutput) {
  const output = { stdout: '', stderr: '' };
  const kill = () => child.kill('SIGKILL');
  const timer = timeoutMs === undefined ? undefined : setTimeout(kill, timeoutMs);
  const silence = answerWithinMs === undefined ? undefined : setTimeout(kill, answerWithinMs);
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    child[name].setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      clearTimeout(silence);
      output[name] += chunk;
      onOutput(chunk);
    });
  }
  return new Promise((resolve) => {
    /** @param {number} code */
    const end = (code) => {
      clearTimeout(timer);
      clearTimeout(silence);
      running.delete(child);
      resolve({ code, ...output });
    };
    child.on('error', (error) => {
      output.stderr += error.message;
      end(NO_SUCH_PROGRAM);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}
