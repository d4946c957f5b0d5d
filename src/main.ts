import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig, type Config } from './config/env.ts';
import { AgentPeerError, EXIT, messageOf } from './errors.ts';
import { createLog, type Log } from './log.ts';
import { startStack } from './stack/start.ts';
import { ownVersion } from './version.ts';

/** The engine does not try again when a restarted container's namespace holder is not back yet: give it time. */
const DEAD_PAUSE_MS = 5_000;

function tellFailure(log: Log, error: unknown): number {
  if (error instanceof AgentPeerError) {
    log.error('stopped', { code: error.code, what: error.message, fix: error.fix });
    return error.exitCode;
  }
  log.error('stopped', {
    code: 'internal-error',
    what: messageOf(error),
    fix: 'This is a fault of agent-peer',
  });
  return EXIT.internal;
}

/** Node would print and go on, or go on in a state that nobody thought of. What is on disk is safe: begin anew. */
function exitOnFaults(log: Log): void {
  const fault = (error: unknown) => {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.error('fault', { code: 'internal-error', stack });
    process.exit(EXIT.internal);
  };
  process.on('uncaughtException', fault);
  process.on('unhandledRejection', fault);
}

/** Aborts with the name of the signal when the engine or a person asks us to stop. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort(name));
  return stop.signal;
}

const aborted = (signal: AbortSignal) =>
  new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));

async function drain(config: Config, log: Log, stop: () => Promise<void>, exitCode: number): Promise<number> {
  log.info('draining', { atMostMs: config.drainMs });
  setTimeout(() => {
    log.warn('drain-cut', { detail: 'what was under way is on disk and goes on at the next start' });
    process.exit(exitCode);
  }, config.drainMs).unref();
  await stop();
  log.info('drained');
  return exitCode;
}

async function run(config: Config, log: Log, signal: AbortSignal): Promise<number> {
  const version = ownVersion();
  const dead = Promise.withResolvers<AgentPeerError>();
  try {
    log.info('starting', { version, name: config.name });
    const stack = await startStack({ config, version, log, signal, onDead: dead.resolve });
    log.info('started', { version });
    const reason = signal.aborted ? null : await Promise.race([aborted(signal), dead.promise]);
    const exitCode = reason === null ? 0 : tellFailure(log, reason);
    if (reason !== null) await sleep(DEAD_PAUSE_MS);
    return await drain(config, log, () => stack.stop(), exitCode);
  } catch (error) {
    return signal.aborted ? 0 : tellFailure(log, error);
  }
}

async function main(): Promise<number> {
  const log = createLog();
  exitOnFaults(log);
  const loaded = loadConfig(process.env);
  if (loaded.ok) return run(loaded.config, log, stopSignal());
  for (const { where, what, fix } of loaded.problems)
    log.error('config-invalid', { code: 'config-invalid', variable: where, what, fix });
  return EXIT.config;
}

process.exit(await main());
