import type { MessageId } from '../core/message.ts';

export type Lane = 'hand-over' | 'ask';

/** The attempts of one peer that were begun and are not over. */
export interface UnderWay {
  has(id: MessageId): boolean;
  count(lane?: Lane): number;
  /** @param over never rejects; when it resolves, what the attempt brought is on disk, or will not be */
  begin(lane: Lane, id: MessageId, over: Promise<void>): void;
  /** Calls `act` at an instant at which none for this message is under way. */
  between<T>(id: MessageId, act: () => T): Promise<T>;
  /** Resolves when those of now are over. */
  idle(): Promise<void>;
}

export function createUnderWay(): UnderWay {
  const all = new Map<MessageId, { readonly lane: Lane; readonly over: Promise<void> }>();
  return {
    has: (id) => all.has(id),
    count: (lane) =>
      lane === undefined ? all.size : [...all.values()].filter((one) => one.lane === lane).length,
    begin: (lane, id, over) => void all.set(id, { lane, over: over.finally(() => all.delete(id)) }),
    between: async (id, act) => {
      for (let one = all.get(id); one !== undefined; one = all.get(id)) await one.over;
      return act();
    },
    idle: async () => {
      await Promise.all([...all.values()].map(({ over }) => over));
    },
  };
}
