import type { SessionKey } from '../core/session-key.ts';
import type { Connection } from './connection.ts';
import { readPage, type HistoryPage, type PendingInput, type Row, type SessionFacts } from './history.ts';
import { turnKeys } from './turn-keys.ts';

/** Everything that a session shows about one turn. */
export interface Evidence {
  readonly keys: readonly string[];
  /** From the turn's first trace, or from as far back as it could have been, to the latest row; oldest first. */
  readonly rows: readonly Row[];
  /** The inputs of this turn that the gateway accepted and did not begin; oldest first. */
  readonly pending: readonly PendingInput[];
  readonly session: SessionFacts;
  /** False when rows may be missing from where the turn would have to stand. */
  readonly unbroken: boolean;
}

export interface Search {
  readonly key: string;
  readonly sessionKey: SessionKey;
  readonly since?: number;
}

/** The gateway's clock and ours may differ by this much. */
const CLOCK_SKEW_MS = 60_000;
const MOST_PAGES = 500;

function isBefore(row: Row, instant: number | null): boolean {
  return instant !== null && row.at !== null && row.at < instant;
}

/**
 * Whether all rows of a young session are there. One that an owner has cut down carries no mark, but it begins with what
 * no session begins with, or knows of a run and shows nothing of it.
 */
function isWhole([first]: readonly Row[], { lastRunId }: SessionFacts): boolean {
  return first === undefined ? lastRunId === null : first.role === 'user';
}

/**
 * Whether rows that are not there never were. A truncated history carries no mark at all, so only an older row, or a
 * session younger than `from`, proves that nothing in between was dropped.
 */
function isUnbroken(rows: readonly Row[], last: HistoryPage, from: number | null): boolean {
  const { session } = last;
  if (rows.length === 0 && last.totalRows === 0) return isWhole(rows, session);
  const later = rows.filter((row) => !isBefore(row, from));
  if (later.some((row) => row.isBreak)) return false;
  if (later.length < rows.length) return true;
  const { createdAt } = session;
  const isYoung = from === null || (createdAt !== null && createdAt >= from);
  return last.nextOffset === null && isYoung && isWhole(rows, session);
}

/** Of a turn without a row and without an input that waits: it was there, and its rows were taken away. */
function knowsRun({ lastRunId }: SessionFacts, keys: readonly string[]): boolean {
  return lastRunId !== null && keys.includes(lastRunId);
}

/** Pages back through a session until a turn is found or the time before it is reached. Rejects as requests do. */
export async function collectEvidence(
  connection: Connection,
  { key, sessionKey, since }: Search,
): Promise<Evidence> {
  const keys = turnKeys(key);
  const from = since === undefined ? null : since - CLOCK_SKEW_MS;
  const first = await readPage(connection, { sessionKey, offset: null, pendingBefore: null });
  let last = first;
  let { rows } = first;
  const began = (): boolean => rows.some(({ begins }) => begins !== null && keys.includes(begins));
  const enough = (): boolean => began() || rows.some((row) => isBefore(row, from));
  for (let pages = 1; last.nextOffset !== null && !enough() && pages < MOST_PAGES; pages += 1) {
    last = await readPage(connection, { sessionKey, offset: last.nextOffset, pendingBefore: null });
    rows = [...last.rows, ...rows];
  }
  const pending = began() ? [] : await pendingOf(connection, sessionKey, keys, first);
  const { session } = first;
  return {
    keys,
    rows,
    pending,
    session,
    unbroken: isUnbroken(rows, last, from) && (pending.length > 0 || !knowsRun(session, keys)),
  };
}

async function pendingOf(
  connection: Connection,
  sessionKey: SessionKey,
  keys: readonly string[],
  first: HistoryPage,
) {
  let inputs = first.pending;
  let before = first.nextPendingBefore;
  for (let pages = 1; before !== null && pages < MOST_PAGES; pages += 1) {
    const page = await readPage(connection, { sessionKey, offset: null, pendingBefore: before });
    inputs = [...page.pending, ...inputs];
    before = page.nextPendingBefore;
  }
  return inputs.filter(({ runId }) => keys.includes(runId));
}

/** What the gateway keeps of a turn under this very key that it did not begin; null when it keeps nothing. */
export async function pendingState(
  connection: Connection,
  sessionKey: SessionKey,
  key: string,
): Promise<string | null> {
  const first = await readPage(connection, { sessionKey, offset: null, pendingBefore: null });
  const inputs = await pendingOf(connection, sessionKey, [key], first);
  return inputs.at(-1)?.state ?? null;
}
