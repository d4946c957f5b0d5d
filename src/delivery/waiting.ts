/** A pause that a signal cuts short. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

export interface Waiters<Id> {
  /** Lets all go that wait for this one. */
  release(id: Id): void;
  /** Resolves when it is released, after `waitMs`, or when the signal aborts. */
  wait(id: Id, waitMs: number, signal: AbortSignal): Promise<void>;
}

export function createWaiters<Id>(): Waiters<Id> {
  const waiting = new Map<Id, Set<AbortController>>();
  const add = (id: Id, waiter: AbortController): void => {
    const all = waiting.get(id) ?? new Set<AbortController>();
    waiting.set(id, all.add(waiter));
  };
  const drop = (id: Id, waiter: AbortController): void => {
    const all = waiting.get(id);
    all?.delete(waiter);
    if (all?.size === 0) waiting.delete(id);
  };
  return {
    release: (id) => waiting.get(id)?.forEach((waiter) => waiter.abort()),
    wait: async (id, waitMs, signal) => {
      const released = new AbortController();
      add(id, released);
      await pause(waitMs, AbortSignal.any([signal, released.signal]));
      drop(id, released);
    },
  };
}
