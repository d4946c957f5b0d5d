import type { Change, ChangeStore } from '../ports/changes.ts';
import type { Database } from './database.ts';
import { INBOX_COLUMNS, inboxMessageOf, type InboxRow } from './inbox-statements.ts';
import { OUTBOX_COLUMNS, outboxMessageOf, type OutboxRow } from './outbox-statements.ts';

/** What was erased for its age has no news; the index has the others alone. */
const NEWS = `erased_at IS NULL AND updated_at >= :at AND (updated_at > :at OR seq > :seq) AND updated_at <= :until
  ORDER BY updated_at, seq LIMIT :limit`;

const inOrder = (a: Change, b: Change): number =>
  a.message.updatedAt - b.message.updatedAt || rank(a) - rank(b) || a.seq - b.seq;
const rank = ({ direction }: Change): number => (direction === 'outbound' ? 0 : 1);

export function createChangeStore(db: Database): ChangeStore {
  const outbox = db.prepare<OutboxRow & { readonly seq: number }>(
    `SELECT seq, ${OUTBOX_COLUMNS} FROM outbox WHERE ${NEWS}`,
  );
  // A reply of ours on its way into a session is told with the message that it answers.
  const inbox = db.prepare<InboxRow & { readonly seq: number }>(
    `SELECT seq, ${INBOX_COLUMNS} FROM inbox WHERE origin = 'peer' AND ${NEWS}`,
  );
  return {
    after: ({ at, outbound, inbound }, until, limit) => {
      const ours = outbox.all({ at, seq: outbound, until, limit }).map(({ seq, ...row }): Change => {
        return { direction: 'outbound', seq, message: outboxMessageOf(row) };
      });
      const theirs = inbox.all({ at, seq: inbound, until, limit }).map(({ seq, ...row }): Change => {
        return { direction: 'inbound', seq, message: inboxMessageOf(row) };
      });
      return [...ours, ...theirs].sort(inOrder).slice(0, limit);
    },
  };
}
