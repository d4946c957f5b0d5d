import { isAtRest } from '../core/inbox.ts';
import type { TaskId } from '../core/message.ts';
import type { TaskWatch } from '../ports/delivery.ts';
import type { InboxStore } from '../ports/messages.ts';
import { createWaiters } from './waiting.ts';

export interface TaskWatchParts {
  readonly inbox: Pick<InboxStore, 'find'>;
}

/** Lets a peer's request wait for its task. A task that is unknown, over, or with a person is not waited for. */
export function createTaskWatch({ inbox }: TaskWatchParts): TaskWatch {
  const waiters = createWaiters<TaskId>();
  return {
    changed: ({ taskId, state }) => {
      if (isAtRest(state)) waiters.release(taskId);
    },
    settled: async (taskId, waitMs, signal) => {
      const task = inbox.find(taskId);
      if (task !== null && !isAtRest(task.state)) await waiters.wait(taskId, waitMs, signal);
    },
  };
}
