import { isFinalInboxState } from '../core/inbox.ts';
import { messageOf } from '../errors.ts';
import type { InboxMessage } from '../ports/messages.ts';
import type { Deps } from './deps.ts';

/**
 * From here on the reply may be erased when room is short. A disk that takes nothing must not keep it from its sender:
 * not noted, it is only kept longer.
 */
export function noteFetched({ inbox, clock, log }: Deps, { taskId, state }: InboxMessage): void {
  if (!isFinalInboxState(state)) return;
  try {
    inbox.fetched(taskId, clock.now());
  } catch (error) {
    log.warn('fetched-not-noted', { task: taskId, error: messageOf(error) });
  }
}
