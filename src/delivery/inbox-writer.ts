import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { InboxEvent } from '../core/inbox.ts';
import type { Clock } from '../ports/machine.ts';
import type { InboxMessage, InboxMoved, InboxStore } from '../ports/messages.ts';
import type { SendBack } from './send-back.ts';
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
  readonly inbox: Pick<InboxStore, 'apply'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: (message: InboxMessage) => void;
  readonly sendBack: SendBack;
}

/** Answers what was written; null when the stop came first, and then what is on disk is what holds. */
export type InboxWriter = (message: InboxMessage, event: InboxEvent) => Promise<InboxMoved | null>;

/**
 * Writes until it is written: the end of a turn is nowhere else, and a turn may begin only when that is on disk.
 */
export function createInboxWriter(
  { inbox, clock, log, onChange, sendBack }: InboxWriterParts,
  stopping: Stopping,
): InboxWriter {
  const tryWrite = ({ taskId }: InboxMessage, event: InboxEvent): InboxMoved | null => {
    try {
      return inbox.apply(taskId, event, clock.now(), sendBack.make);
    } catch (error) {
      log.error('inbox-not-written', { task: taskId, event: event.kind, error: messageOf(error) });
      return null;
    }
  };
  return async (message, event) => {
    while (!stopping.now.aborted) {
      const written = tryWrite(message, event);
      if (written !== null) {
        onChange(written.message);
        if (written.sentBack !== null) sendBack.stored(written.sentBack);
        return written;
      }
      if (stopping.asked.aborted) return null;
      await pause(STORE_TROUBLE_MS, stopping.asked);
    }
    return null;
  };
}
