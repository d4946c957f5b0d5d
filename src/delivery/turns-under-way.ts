import type { PeerName } from '../core/peer.ts';
import { pause } from './waiting.ts';

/** Why a turn is stopped before its end. */
export type StopCause = 'paused' | 'revoked';

/** What is kept with a message whose turn was stopped. */
export const STOPPED: Readonly<Record<StopCause, string>> = {
  paused: 'stopped by its owner here: paused',
  revoked: 'its sender was revoked here',
};

/** What is being done for messages of peers. */
export interface TurnsUnderWay {
  /** @param work is given what aborts, with a word of `STOPPED`, when its turn has to end; never rejects */
  add(peer: PeerName, work: (stop: AbortSignal) => Promise<void>, cause: StopCause | null): void;
  /** Those of this peer, or all. Answers how many. */
  stop(peer: PeerName | null, cause: StopCause): number;
  /** Resolves when nothing is under way, or after `ms`. */
  over(ms: number): Promise<void>;
}

interface Work {
  readonly peer: PeerName;
  readonly stop: AbortController;
  readonly over: Promise<void>;
}

export function createTurnsUnderWay(): TurnsUnderWay {
  const works = new Set<Work>();
  return {
    add: (peer, begin, cause) => {
      const stop = new AbortController();
      if (cause !== null) stop.abort(STOPPED[cause]);
      const over = begin(stop.signal).finally(() => works.delete(work));
      const work: Work = { peer, stop, over };
      works.add(work);
    },
    stop: (peer, cause) => {
      const own = [...works].filter((work) => peer === null || work.peer === peer);
      for (const { stop } of own) stop.abort(STOPPED[cause]);
      return own.length;
    },
    over: async (ms) => {
      const done = new AbortController();
      const all = Promise.all([...works].map(({ over }) => over)).finally(() => done.abort());
      await Promise.race([all, pause(ms, done.signal)]);
    },
  };
}
