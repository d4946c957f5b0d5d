import type { Evidence } from './evidence.ts';
import type { Row, SessionFacts } from './history.ts';

/** What the evidence says of a turn. */
export type Sight =
  /** Its answer is this row. */
  | { readonly kind: 'answered'; readonly messageId: string }
  | { readonly kind: 'silent' }
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'running' }
  /** The session never saw it. */
  | { readonly kind: 'absent' }
  /** The session saw it, and shows no end of these runs. */
  | { readonly kind: 'unclear'; readonly runs: readonly string[] }
  | { readonly kind: 'undecidable'; readonly detail: string };

const ANSWERED = new Set(['stop', 'length']);
const BROKEN = new Set(['error', 'aborted']);

/** How a run that left no row of its own ended, when it is the last one of its session. */
function sightOfLastRun(status: SessionFacts['status']): Sight | null {
  if (status === 'done') return { kind: 'silent' };
  if (status === 'killed') return { kind: 'failed', detail: 'the turn was aborted in the gateway' };
  if (status === 'timeout') return { kind: 'failed', detail: 'the turn ran out of time in the gateway' };
  return status === 'failed' ? { kind: 'failed', detail: 'the turn failed in the gateway' } : null;
}

/** The run that the user row began, and the runs in which the gateway resumed it after crashes. */
function runsOf([began, ...later]: readonly Row[]): readonly string[] {
  const other = later.findIndex((row) => row.role === 'user' && !row.resumes);
  const own = later.slice(0, other < 0 ? undefined : other).filter((row) => row.resumes);
  return [began, ...own].flatMap((row) => row?.begins ?? []);
}

function sightOfBegun(rows: readonly Row[], session: SessionFacts): Sight {
  const runs = runsOf(rows);
  const isOwn = (run: string | null): boolean => run !== null && runs.includes(run);
  if (session.activeRuns.some(isOwn)) return { kind: 'running' };
  const said = rows.filter((row) => row.role === 'assistant' && isOwn(row.runId));
  const ends = said.filter(({ stopReason }) => stopReason !== null && ANSWERED.has(stopReason));
  const answer = ends.findLast((row) => row.hasText)?.id ?? null;
  if (answer !== null) return { kind: 'answered', messageId: answer };
  if (session.busy) return { kind: 'running' };
  if (ends.length > 0) return { kind: 'silent' };
  if (said.some(({ stopReason }) => stopReason !== null && BROKEN.has(stopReason))) {
    return { kind: 'failed', detail: 'the turn failed in the gateway' };
  }
  return (isOwn(session.lastRunId) ? sightOfLastRun(session.status) : null) ?? { kind: 'unclear', runs };
}

function sightOfUnbegun({ pending, unbroken }: Evidence): Sight {
  switch (pending.at(-1)?.state) {
    case 'queued':
      return { kind: 'running' };
    case 'cancelled':
      return { kind: 'failed', detail: 'the turn was aborted before it began' };
    case 'interrupted':
    case undefined:
      return unbroken
        ? { kind: 'absent' }
        : { kind: 'undecidable', detail: 'the session was reset or shortened since the message came' };
    default:
      return { kind: 'undecidable', detail: 'the gateway keeps the turn in a state that is not known here' };
  }
}

/**
 * Decides what became of a turn. An error row is never an answer, and neither is a remark made before a tool was
 * used; a silent answer leaves no visible row at all, so silence is only believed of a run that is known to be done.
 */
export function judge(evidence: Evidence): Sight {
  const { keys, rows, session } = evidence;
  const start = rows.findLastIndex(({ begins }) => begins !== null && keys.includes(begins));
  return start < 0 ? sightOfUnbegun(evidence) : sightOfBegun(rows.slice(start), session);
}
