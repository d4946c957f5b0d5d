import { AgentPeerError } from '../errors.ts';
import type { Change, ChangeMark, Changes, ChangeStore } from '../ports/changes.ts';
import type { Clock } from '../ports/machine.ts';
import { pause } from './waiting.ts';

const PAGE = 200;
/** Two looks at an index; a person who watches does not notice the wait. */
const LOOK_EVERY_MS = 500;
/** What is written takes the instant at which its writing began: one that is so old gets no more rows. */
const SETTLED_MS = 50;
/** Behind every row of its instant. */
const ALL = Number.MAX_SAFE_INTEGER;

const CURSOR = /^(\d{1,16})\.(\d{1,16})\.(\d{1,16})$/;

const cursorOf = ({ at, outbound, inbound }: ChangeMark): string => `${at}.${outbound}.${inbound}`;

function markOf(cursor: string): ChangeMark {
  const [, at, outbound, inbound] = CURSOR.exec(cursor)?.map(Number) ?? [];
  if (at !== undefined && outbound !== undefined && inbound !== undefined) return { at, outbound, inbound };
  throw new AgentPeerError('input-invalid', 'since: is no cursor', 'Use the one of the answer before');
}

function behind({ direction, seq, message }: Change): ChangeMark {
  const at = message.updatedAt;
  return direction === 'outbound' ? { at, outbound: seq, inbound: 0 } : { at, outbound: ALL, inbound: seq };
}

/**
 * What changes in both boxes, for somebody who watches. The cursor is an instant of the rows themselves, so that it is good
 * after a restart, and it is looked at the rows, so that no writer has to think of who watches. Where the clock was put back,
 * nothing is told until it is again where it was.
 */
export function createChanges({ store, clock }: { store: ChangeStore; clock: Clock }): Changes {
  return {
    now: () => cursorOf({ at: clock.now() - 1, outbound: ALL, inbound: ALL }),
    since: async (cursor, waitMs, signal) => {
      const mark = markOf(cursor);
      const deadline = performance.now() + waitMs;
      for (;;) {
        const changes = store.after(mark, clock.now() - SETTLED_MS, PAGE);
        const last = changes.at(-1);
        if (last !== undefined) return { changes, cursor: cursorOf(behind(last)) };
        const left = deadline - performance.now();
        if (left <= 0 || signal.aborted) return { changes, cursor };
        await pause(Math.min(LOOK_EVERY_MS, left), signal);
      }
    },
  };
}
