import type { Log } from './log.ts';
import type { AuditLog } from './ports.ts';

/** One line a decision, allowed or refused, in the same stream as the operator log, told apart by `event: decision`. */
export function createAuditLog(log: Log): AuditLog {
  return { record: (entry) => log.info('decision', { ...entry }) };
}
