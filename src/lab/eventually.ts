import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Reads until `accept` likes what it sees. For reads of a distributed system's state only: an action is never
 * repeated, since a repeated action hides the failure of the first.
 * @throws with the last thing seen when `timeoutMs` is over.
 */
export async function eventually<T>(
  what: string,
  read: () => Promise<T>,
  accept: (value: T) => boolean,
  timeoutMs = 60_000,
  everyMs = 250,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last = 'nothing';
  for (;;) {
    try {
      const value = await read();
      if (accept(value)) return value;
      last = JSON.stringify(value);
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > deadline)
      throw new Error(`${what}: not within ${timeoutMs / 1000} s; last seen: ${last}`);
    await sleep(everyMs);
  }
}
