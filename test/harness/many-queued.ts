import { DatabaseSync } from 'node:sqlite';
import { BOB } from './samples.ts';

export interface Many {
  readonly count: number;
  /** The messages belong to so many in turn. */
  readonly conversations: number;
  readonly now: number;
}

/**
 * Queues messages to Bob in one transaction, in a database that no proxy has open: one by one would take longer than all
 * that is looked at. Answers their ids, in order.
 */
export function queueMany(file: string, { count, conversations, now }: Many): readonly string[] {
  const ids = Array.from({ length: count }, (_, index) => `m${index}`);
  const db = new DatabaseSync(file);
  const insert = db.prepare(
    `INSERT INTO outbox (id, peer, alias, conversation, text, hop, created_at, updated_at, expires_at, state, attempts,
       next_attempt_at)
     VALUES (:id, :peer, 'inbox', :conversation, :text, 0, :now, :now, :expiresAt, 'queued', 0, :now)`,
  );
  db.exec('BEGIN');
  for (const [index, id] of ids.entries()) {
    const conversation = `conversation-${index % conversations}`;
    insert.run({ id, peer: BOB, conversation, text: `text of ${id}`, now, expiresAt: now + 72 * 3_600_000 });
  }
  db.exec('COMMIT');
  db.close();
  return ids;
}
