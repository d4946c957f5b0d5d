import { setTimeout as sleep } from 'node:timers/promises';
import type { Io } from './io.ts';
import type { PrintOptions } from './outcome.ts';

const EVERY_MS = 1_000;

export interface WaitOptions extends PrintOptions {
  readonly wait?: true | number;
}

/**
 * When to stop waiting, of `performance.now()`. Null: not to wait at all. A person at a terminal sees it through, a script
 * says so.
 */
export function waitUntil({ stdin, stdout }: Io, { wait, json = false }: WaitOptions): number | null {
  if (typeof wait === 'number') return performance.now() + wait * 1000;
  if (wait === true) return Infinity;
  return stdin.isTTY && stdout.isTTY && !json ? Infinity : null;
}

/** Looks once a second until there is something; null when the time is up. */
export async function poll<T>(look: () => Promise<T | null>, deadline: number): Promise<T | null> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    const left = deadline - performance.now();
    if (left <= 0) return null;
    await sleep(Math.min(EVERY_MS, left));
  }
}
