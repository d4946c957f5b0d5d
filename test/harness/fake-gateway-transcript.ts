import { randomUUID } from 'node:crypto';

type Fields = Readonly<Record<string, unknown>>;

interface FakeRow {
  readonly id: string;
  readonly role: string;
  readonly text: string;
  readonly at: number;
  readonly fields: Fields;
  readonly own: Fields;
  /** Kept, counted, and not shown: how the gateway keeps a silent answer. */
  readonly hidden: boolean;
}

export interface PageParams {
  readonly limit?: number;
  readonly offset?: number;
  readonly maxChars?: number;
}

/** The rows of one session, shown as the gateway shows them. */
export interface FakeTranscript {
  user(runId: string, text: string, provenance: unknown): void;
  answer(runId: string, text: string): void;
  failure(runId: string): void;
  cutShort(runId: string): void;
  has(runId: string): boolean;
  page(params: PageParams): object;
  message(id: string): object;
  /** Texts of all user rows that are not the gateway's own. */
  delivered(): readonly string[];
  reset(): void;
  /** Adds a mark; every row stays. */
  compact(): void;
  /** Keeps the last rows only, and no mark. */
  shorten(rows: number): void;
}

function show(row: FakeRow, seq: number, maxChars: number): object {
  const text = row.text.length > maxChars ? `${row.text.slice(0, maxChars)}\n...(truncated)...` : row.text;
  const content = row.role === 'assistant' ? [{ type: 'text', text }] : text;
  return {
    role: row.role,
    content,
    timestamp: row.at,
    ...row.fields,
    __openclaw: { id: row.id, seq, ...row.own },
  };
}

export function createFakeTranscript(): FakeTranscript {
  let rows: FakeRow[] = [];
  const add = (role: string, text: string, fields: Fields, own: Fields, hidden = false): void => {
    rows.push({ id: randomUUID(), role, text, at: Date.now(), fields, own, hidden });
  };
  return {
    user: (runId, text, provenance) =>
      add('user', text, { idempotencyKey: `${runId}:user`, provenance }, { idempotencyKey: `${runId}:user` }),
    answer: (runId, text) =>
      add('assistant', text, { stopReason: 'stop' }, { runId }, text.trim() === 'NO_REPLY'),
    failure: (runId) =>
      add(
        'assistant',
        'LLM request failed',
        { stopReason: 'error', idempotencyKey: `${runId}:terminal-error` },
        { runId },
      ),
    cutShort: (runId) => add('assistant', '', { stopReason: 'aborted' }, { runId }),
    has: (runId) => rows.some((row) => row.fields['idempotencyKey'] === `${runId}:user`),
    page: ({ limit = 200, offset = 0, maxChars = 8000 }) => {
      const end = rows.length - offset;
      const start = Math.max(0, end - limit);
      const shown = rows
        .slice(start, Math.max(0, end))
        .map((row, index) => ({ row, seq: start + index + 1 }));
      return {
        messages: shown.filter(({ row }) => !row.hidden).map(({ row, seq }) => show(row, seq, maxChars)),
        totalMessages: rows.length,
        hasMore: start > 0,
        ...(start > 0 ? { nextOffset: offset + limit } : {}),
      };
    },
    message: (id) => {
      const index = rows.findIndex((row) => row.id === id);
      const row = rows[index];
      if (row === undefined) return { ok: false, unavailableReason: 'not_found' };
      return { ok: true, message: show(row, index + 1, Infinity) };
    },
    delivered: () => {
      const brought = rows.filter(({ role, fields }) => role === 'user' && fields['provenance'] !== RECOVERY);
      return brought.map(({ text }) => text);
    },
    reset: () => {
      rows = [];
      add('system', 'Reset', {}, { kind: 'reset' });
    },
    compact: () => add('system', 'Compaction', {}, { kind: 'compaction' }),
    shorten: (left) => {
      rows = left === 0 ? [] : rows.slice(-left);
    },
  };
}

/** Who speaks in the user row with which the gateway resumes a turn after a crash. */
export const RECOVERY = { kind: 'internal_system', sourceTool: 'main_session_restart_recovery' };
