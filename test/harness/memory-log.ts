import type { Log, LogFields } from '../../src/log.ts';

export interface MemoryLog extends Log {
  readonly events: readonly (readonly [event: string, fields: LogFields])[];
  /** Everything that was logged, as the text that would have been printed. */
  text(): string;
}

export function createMemoryLog(): MemoryLog {
  const events: (readonly [string, LogFields])[] = [];
  const add = (event: string, fields: LogFields = {}) => void events.push([event, fields]);
  return { info: add, warn: add, error: add, events, text: () => JSON.stringify(events) };
}
