import { randomUUID } from 'node:crypto';

/** A task as OpenClaw's A2A channel answers it. */
export interface StockTask {
  readonly id: string;
  readonly contextId: string;
  status: { state: string; timestamp: string; message?: object };
  artifacts: object[];
  readonly history: never[];
}

export interface StockTasks {
  create(contextId: string): StockTask;
  find(id: string): StockTask | undefined;
  /** The turn is over: of one conversation it is the oldest open task that gets the reply, whichever the turn was for. */
  completeNext(contextId: string, text: string): void;
  reject(id: string, why: string): void;
}

const at = () => new Date().toISOString();

/** In memory alone: a restart of the gateway begins with a new one. */
export function createStockTasks(): StockTasks {
  const tasks = new Map<string, StockTask>();
  const pending = new Map<string, string[]>();
  return {
    create: (contextId) => {
      const status = { state: 'TASK_STATE_WORKING', timestamp: at() };
      const task: StockTask = { id: randomUUID(), contextId, status, artifacts: [], history: [] };
      tasks.set(task.id, task);
      pending.set(contextId, [...(pending.get(contextId) ?? []), task.id]);
      return task;
    },
    find: (id) => tasks.get(id),
    completeNext: (contextId, text) => {
      const task = tasks.get(pending.get(contextId)?.shift() ?? '');
      if (task === undefined) return;
      task.artifacts = [{ artifactId: randomUUID(), parts: [{ text }] }];
      task.status = { state: 'TASK_STATE_COMPLETED', timestamp: at() };
    },
    reject: (id, why) => {
      const task = tasks.get(id);
      if (task === undefined) return;
      const message = {
        messageId: randomUUID(),
        contextId: task.contextId,
        role: 'ROLE_AGENT',
        parts: [{ text: why }],
      };
      task.status = { state: 'TASK_STATE_REJECTED', timestamp: at(), message };
      pending.set(
        task.contextId,
        (pending.get(task.contextId) ?? []).filter((one) => one !== id),
      );
    },
  };
}
