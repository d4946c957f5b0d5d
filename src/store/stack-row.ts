import type { Database } from './database.ts';
import { unreadable } from './policy-rows.ts';

/** What the owner said about the whole stack. */
export interface StackRow {
  /** Throws AgentPeerError `storage-unavailable` when it is not told: then it is not known to be allowed to go on. */
  isPaused(): boolean;
  setPaused(paused: boolean): void;
}

export function createStackRow(db: Database): StackRow {
  const read = db.prepare<{ paused: number }>('SELECT paused FROM stack WHERE id = 1');
  const write = db.prepare('UPDATE stack SET paused = :paused WHERE id = 1');
  return {
    isPaused: () => {
      const paused = read.get({})?.paused;
      if (paused !== 0 && paused !== 1) throw unreadable('whether the stack is paused');
      return paused === 1;
    },
    setPaused: (paused) => write.run({ paused: Number(paused) }),
  };
}
