import type { InboxMessage, MakeSendBack, OutboxMessage } from '../ports/messages.ts';
import type { Database } from './database.ts';
import { outboxMessageOf, outboxStatements } from './outbox-statements.ts';
import { insertOutbound } from './outbox.ts';

/** Messages of ours by which replies go back to peers that do not ask for them. */
export interface SentBack {
  /** In a transaction of its caller's. Null when there is no reply to send, or none is to go. */
  add(message: InboxMessage, make: MakeSendBack): OutboxMessage | null;
}

export function createSentBack(db: Database): SentBack {
  const sql = outboxStatements(db);
  return {
    add: (message, make) => {
      const { origin, state, reply } = message;
      if (origin !== 'peer' || state !== 'replied' || reply === null || reply.trim() === '') return null;
      const made = make(message, reply);
      if (made === null) return null;
      insertOutbound(sql, made);
      const row = sql.find.get({ id: made.id });
      return row === null ? null : outboxMessageOf(row);
    },
  };
}
