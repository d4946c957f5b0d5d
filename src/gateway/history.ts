import type { SessionKey } from '../core/session-key.ts';
import type { Connection } from './connection.ts';
import { listOf, numberOf, objectOf, textOf, textsOf, type Json } from './json.ts';

/** One row of a session's history, without its text. */
export interface Row {
  /** What `chat.message.get` knows it by. */
  readonly id: string | null;
  readonly role: string;
  /** The run that a user row began. */
  readonly begins: string | null;
  /** True for the gateway's own user row that resumes a turn after a crash. */
  readonly resumes: boolean;
  /** The run that an assistant row belongs to. */
  readonly runId: string | null;
  /** `stop`, `length`, `toolUse`, `error`, `aborted`; null on remarks made before a tool was used. */
  readonly stopReason: string | null;
  readonly hasText: boolean;
  /** A mark that earlier rows may be gone: the session was reset or compacted here. */
  readonly isBreak: boolean;
  /** By the gateway's clock; null when the row has none. */
  readonly at: number | null;
}

/** A turn that the gateway accepted and has not begun: `queued`, `interrupted` or `cancelled`. */
export interface PendingInput {
  readonly runId: string;
  readonly state: string;
}

export interface SessionFacts {
  /** Also true for a turn that waits to be resumed after a crash: the gateway then lists no active run. */
  readonly busy: boolean;
  /** The runs known to go on; there may be others when `busy`. */
  readonly activeRuns: readonly string[];
  readonly status: string | null;
  readonly lastRunId: string | null;
  readonly createdAt: number | null;
}

export interface HistoryPage {
  /** Oldest first. */
  readonly rows: readonly Row[];
  readonly pending: readonly PendingInput[];
  readonly session: SessionFacts;
  readonly totalRows: number;
  /** Where the next older page begins; null when this was the last. */
  readonly nextOffset: number | null;
  readonly nextPendingBefore: number | null;
}

export interface PageRequest {
  readonly sessionKey: SessionKey;
  readonly offset: number | null;
  readonly pendingBefore: number | null;
}

/** Enough rows for the latest turns of a session; text is cut to a character, so that a page stays small. */
const PAGE_ROWS = 200;
const TEXT_CHARACTERS = 1;
const REQUEST_MS = 20_000;
const LONGEST_TEXT = 2_000_000;

function partsText(content: unknown): string {
  if (typeof content === 'string') return content;
  const texts = listOf(content).map((part) => textOf(objectOf(part)['text']) ?? '');
  return texts.filter((text) => text !== '').join('\n');
}

function rowOf(raw: unknown): Row {
  const row = objectOf(raw);
  const own = objectOf(row['__openclaw']);
  const key = textOf(row['idempotencyKey']);
  return {
    id: textOf(own['id']),
    role: textOf(row['role']) ?? '',
    begins: row['role'] === 'user' && key?.endsWith(':user') === true ? key.slice(0, -':user'.length) : null,
    resumes: objectOf(row['provenance'])['sourceTool'] === 'main_session_restart_recovery',
    runId: textOf(own['runId']),
    stopReason: textOf(row['stopReason']),
    hasText: partsText(row['content']).trim() !== '',
    isBreak: own['kind'] === 'reset' || own['kind'] === 'compaction',
    at: numberOf(row['timestamp']),
  };
}

function pendingOf(raw: unknown): PendingInput {
  const item = objectOf(raw);
  return { runId: textOf(item['runId']) ?? '', state: textOf(item['state']) ?? '' };
}

function factsOf(session: Json, inFlight: Json): SessionFacts {
  return {
    busy: session['hasActiveRun'] === true || session['status'] === 'running',
    activeRuns: [...textsOf(session['activeRunIds']), ...textsOf([inFlight['runId']])],
    status: textOf(session['status']),
    lastRunId: textOf(session['lastRunId']),
    createdAt: numberOf(session['createdAt']),
  };
}

/** Rejects as `Connection.request` does. */
export async function readPage(connection: Connection, request: PageRequest): Promise<HistoryPage> {
  const { sessionKey, offset, pendingBefore } = request;
  const params = {
    sessionKey,
    limit: PAGE_ROWS,
    maxChars: TEXT_CHARACTERS,
    ...(offset === null ? {} : { offset }),
    ...(pendingBefore === null ? {} : { pendingBefore }),
  };
  const page = objectOf(await connection.request('chat.history', params, { timeoutMs: REQUEST_MS }));
  const pending = objectOf(page['pendingInputs']);
  const rows = listOf(page['messages']).map(rowOf);
  return {
    rows,
    pending: listOf(pending['items']).map(pendingOf),
    session: factsOf(objectOf(page['sessionInfo']), objectOf(page['inFlightRun'])),
    totalRows: numberOf(page['totalMessages']) ?? rows.length,
    nextOffset: page['hasMore'] === true ? numberOf(page['nextOffset']) : null,
    nextPendingBefore: numberOf(pending['nextBefore']),
  };
}

/** The whole text of one row; null when the gateway cannot show it. Rejects as `Connection.request` does. */
export async function readText(
  connection: Connection,
  sessionKey: SessionKey,
  id: string,
): Promise<string | null> {
  const params = { sessionKey, messageId: id, maxChars: LONGEST_TEXT };
  const got = objectOf(await connection.request('chat.message.get', params, { timeoutMs: REQUEST_MS }));
  return got['ok'] === true ? partsText(objectOf(got['message'])['content']) : null;
}
