import type { Peer } from '../core/peer.ts';
import type { PresentPeer } from '../core/restore.ts';
import type { Database, Values } from './database.ts';

interface Messages {
  readonly table: 'inbox' | 'outbox';
  readonly id: string;
  readonly isOpen: string;
  readonly columns: readonly string[];
  /** What becomes of a message while it is open. */
  readonly settled: readonly string[];
}

/** A later column that a message needs has to be added here. */
const ABOUT = [
  ...['peer', 'alias', 'conversation', 'text', 'content', 'hop', 'created_at', 'expires_at'],
  // With the text: a message of the backup that has its text has yet to be erased.
  'erased_at',
];
const WAITING = ['hold', 'hold_until', 'released'];
const TABLES: readonly Messages[] = [
  {
    table: 'inbox',
    id: 'task_id',
    isOpen: `state IN ('held', 'accepted', 'running', 'reply-held')`,
    columns: ['task_id', 'origin', 'message_id', 'content_digest', 'session_key', 'turn_key', ...ABOUT],
    settled: ['state', 'reply', 'detail', 'note', 'fetched_at', 'updated_at', ...WAITING],
  },
  {
    table: 'outbox',
    id: 'id',
    isOpen: `state IN ('held', 'queued', 'accepted', 'reply-held')`,
    columns: ['id', 'reply_session', 'in_reply_to', 'client_id', 'client_digest', ...ABOUT],
    settled: [
      ...[
        'state',
        'attempts',
        'next_attempt_at',
        'task_id',
        'reply',
        'reason',
        'detail',
        'peer_hold',
        'offered_at',
        'updated_at',
      ],
      ...WAITING,
    ],
  },
];

type Row = Values & { readonly seq: number; readonly peer: string };

const ROWS_AT_ONCE = 50;

function* rowsOf(db: Database, { table, columns, settled }: Messages): Generator<Row> {
  const page = db.prepare<Row>(
    `SELECT seq, ${[...columns, ...settled].join(', ')} FROM ${table} WHERE seq > :after ORDER BY seq LIMIT ${ROWS_AT_ONCE}`,
  );
  let after = 0;
  for (let rows = page.all({ after }); rows.length > 0; rows = page.all({ after })) {
    for (const row of rows) yield row;
    after = rows.at(-1)?.seq ?? Infinity;
  }
}

function carryTable(
  from: Database,
  to: Database,
  messages: Messages,
  names: ReadonlyMap<string, string>,
): void {
  const { table, id, isOpen, columns, settled } = messages;
  const all = [...columns, ...settled];
  const add = to.prepare(
    `INSERT INTO ${table} (${all.join(', ')}) VALUES (${all.map((column) => `:${column}`).join(', ')})
     ON CONFLICT DO NOTHING`,
  );
  const settle = to.prepare(
    `UPDATE ${table} SET ${settled.map((column) => `${column} = :${column}`).join(', ')} WHERE ${id} = :id AND ${isOpen}`,
  );
  const pick = (row: Row, names: readonly string[]) =>
    Object.fromEntries(names.map((column) => [column, row[column] ?? null]));
  for (const row of rowsOf(from, messages)) {
    const peer = names.get(row.peer);
    if (peer === undefined) continue;
    settle.run({ ...pick(row, settled), id: row[id] ?? null });
    add.run({ ...pick(row, all), peer });
  }
}

/** What each peer of the present database is called in the other one: by its token, else by its name. */
function namesIn(peers: readonly Peer[], present: readonly PresentPeer[]): ReadonlyMap<string, string> {
  const byToken = new Map<string, string>(peers.map(({ tokenDigest, name }) => [tokenDigest, name]));
  const known = new Set<string>(peers.map(({ name }) => name));
  const pairs = present.map(({ name, digests }) => {
    const same = digests.map((digest) => byToken.get(digest)).find((found) => found !== undefined);
    return [name, same ?? (known.has(name) ? name : undefined)] as const;
  });
  return new Map(pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
}

/**
 * Brings the messages of the present database into the one that takes its place: what was accepted since the backup is
 * known then, and is neither run nor sent again. In a transaction of its caller's.
 */
export function carryMessages(
  from: { readonly db: Database; readonly peers: readonly PresentPeer[] },
  to: { readonly db: Database; readonly peers: readonly Peer[] },
): void {
  const names = namesIn(to.peers, from.peers);
  for (const messages of TABLES) carryTable(from.db, to.db, messages, names);
}
