import type { Io } from './io.ts';
import { isLively } from './terminal.ts';

export interface Progress {
  /**
   * Does the work, and shows what is waited for and how long, once that takes more than a second. Within another one it shows
   * nothing of its own.
   */
  during<T>(words: string, work: () => Promise<T>): Promise<T>;
}

const EVERY_MS = 1_000;
/** To the begin of the line, and nothing in it. */
const CLEAR = '\r\u001b[K';

export const NO_PROGRESS: Progress = { during: (_words, work) => work() };

/** For a person at a terminal; anybody else is shown nothing. */
export function createProgress(io: Pick<Io, 'env' | 'stderr'>): Progress {
  const { stderr } = io;
  if (!isLively(io, stderr)) return NO_PROGRESS;
  let isShown = false;
  return {
    during: async (words, work) => {
      if (isShown) return work();
      isShown = true;
      const begun = performance.now();
      const show = () => {
        const seconds = Math.round((performance.now() - begun) / 1000);
        stderr.write(`${CLEAR}${words}, ${seconds} s`);
      };
      const ticking = setInterval(show, EVERY_MS);
      try {
        return await work();
      } finally {
        clearInterval(ticking);
        if (performance.now() - begun >= EVERY_MS) stderr.write(CLEAR);
        isShown = false;
      }
    },
  };
}
