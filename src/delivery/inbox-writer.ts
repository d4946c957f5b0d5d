import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../ports/machine.ts';
import type { InboxMessage, InboxStore } from '../ports/messages.ts';
import { pause } from './waiting.ts';

const STORE_TROUBLE_MS = 5_000;

/** The stages of a stop, in the order in which they abort. */
export interface Stopping {
  /** Nothing new is begun. */
  readonly asked: AbortSignal;
  /** The grace is over: a turn that runs is left to itself, and looked for at the next start. */
  readonly now: AbortSignal;
}

export interface InboxWriterParts {
  readonly inbox: Pick<InboxStore, 'move'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: (message: InboxMessage) => void;
}

export type InboxChange = Omit<Parameters<InboxStore['move']>[1], 'now'>;

/** Answers the message as written; null when the stop came first, and then what is on disk is what holds. */
export type InboxWriter = (message: InboxMessage, change: InboxChange) => Promise<InboxMessage | null>;

/**
 * Writes until it is written: the end of a turn is nowhere else, and a turn may begin only when that is on disk.
 */
export function createInboxWriter(
  { inbox, clock, log, onChange }: InboxWriterParts,
  stopping: Stopping,
): InboxWriter {
  const tryWrite = ({ taskId }: InboxMessage, change: InboxChange): InboxMessage | null => {
    try {
      return inbox.move(taskId, { ...change, now: clock.now() });
    } catch (error) {
      log.error('inbox-not-written', { task: taskId, state: change.state, error: messageOf(error) });
      return null;
    }
  };
  return async (message, change) => {
    while (!stopping.now.aborted) {
      const written = tryWrite(message, change);
      if (written !== null) {
        onChange(written);
        return written;
      }
      if (stopping.asked.aborted) return null;
      await pause(STORE_TROUBLE_MS, stopping.asked);
    }
    return null;
  };
}
