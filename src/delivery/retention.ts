import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../ports/machine.ts';
import type { RetentionStore } from '../ports/retention.ts';
import { pause } from './waiting.ts';

/** How long what is over stays on this disk. Milliseconds and bytes. */
export interface RetentionLimits {
  /** How long what was said in a message that is over is kept. */
  readonly keptMs: number;
  /** Beyond this the oldest is erased before its time. */
  readonly maxBytes: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MIB = 1024 * 1024;
const SWEEP_EVERY_MS = HOUR;
const ROWS_AT_ONCE = 50;

/** Never erased for want of room: the loop guard counts the bytes of the last 24 hours, and clocks step. */
const YOUNG_MS = 2 * DAY;
/**
 * How long the row of an erased message goes on telling a repetition from a new message. A sender repeats a message for
 * its time to live (30 days at most) and an hour of grace; the rest is for a machine that was put away meanwhile.
 */
export const ERASED_ROW_MS = 180 * DAY;

export interface RetentionParts {
  readonly store: RetentionStore;
  /** Takes again what was given up of the space that is kept for a full disk. Never throws. */
  readonly fillReserve: () => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: RetentionLimits;
}

export interface Retention {
  /** Sweeps now, and every hour. */
  start(): void;
  /** Resolves when nothing of a sweep goes on. */
  stop(): Promise<void>;
}

type Job = (parts: RetentionParts, signal: AbortSignal) => Promise<void>;

/** Others have their turn between two steps. `step` tells how many rows it found. */
async function inSteps(step: () => number, signal: AbortSignal): Promise<number> {
  let rows = 0;
  for (let found = ROWS_AT_ONCE; found === ROWS_AT_ONCE && !signal.aborted;) {
    found = step();
    rows += found;
    await nextTurn();
  }
  return rows;
}

const eraseOld: Job = async ({ store, clock, log, limits }, signal) => {
  const now = clock.now();
  const rows = await inSteps(() => store.erase(now - limits.keptMs, now, ROWS_AT_ONCE), signal);
  if (rows > 0) log.info('messages-erased', { why: 'age', messages: rows });
};

const eraseForRoom: Job = async ({ store, clock, log, limits: { maxBytes } }, signal) => {
  const now = clock.now();
  const isOver = () => store.room().used > maxBytes;
  const step = () => (isOver() ? store.erase(now - YOUNG_MS, now, ROWS_AT_ONCE) : 0);
  const rows = await inSteps(step, signal);
  if (rows > 0) log.info('messages-erased', { why: 'size', messages: rows });
  if (!isOver() || signal.aborted) return;
  const mebibytes = Math.ceil(store.room().used / MIB);
  log.warn('retention-size-exceeded', { mebibytes, limit: maxBytes / MIB });
};

const forgetErased: Job = async ({ store, clock, log }, signal) => {
  const before = clock.now() - ERASED_ROW_MS;
  const rows = await inSteps(() => store.forget(before, ROWS_AT_ONCE), signal);
  if (rows > 0) log.info('messages-forgotten', { messages: rows });
};

/** Free room is used again by what comes next; the disk is given what is plainly too much. */
const shrink: Job = async ({ store, log }, signal) => {
  const { used, free } = store.room();
  if (free <= 16 * MIB || free <= (used + free) / 4) return;
  let [before, left] = [Infinity, free];
  // A file that cannot shrink has as much free room after a step as before it.
  while (left > 0 && left < before && !signal.aborted) {
    store.shrink();
    [before, left] = [left, store.room().free];
    await nextTurn();
  }
  const given = free - left;
  if (given > 0) log.info('database-shrunk', { mebibytes: Math.round(given / MIB) });
};

/** In this order: what is shrunk last has become free before. */
const JOBS: Readonly<Record<string, Job>> = { eraseOld, eraseForRoom, forgetErased, shrink };

/** Never throws: a job that fails does not keep the others from being done, and the next sweep tries it again. */
export async function sweep(parts: RetentionParts, signal: AbortSignal): Promise<void> {
  for (const [job, run] of Object.entries(JOBS)) {
    if (signal.aborted) return;
    await run(parts, signal).catch((error: unknown) => {
      parts.log.warn('retention-failed', { job, error: messageOf(error) });
    });
  }
  parts.fillReserve();
}

/** Keeps the disk from filling up with what is over. */
export function createRetention(parts: RetentionParts): Retention {
  const stopped = new AbortController();
  let sweeping: Promise<void> = Promise.resolve();
  const sweepOn = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await sweep(parts, stopped.signal);
      await pause(SWEEP_EVERY_MS, stopped.signal);
    }
  };
  return {
    start: () => void (sweeping = sweepOn()),
    stop: () => {
      stopped.abort();
      return sweeping;
    },
  };
}
