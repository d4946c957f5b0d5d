import type { ReceivedRow, SentRow, StruckFault, WayEvidence } from './evidence.ts';

/** One message as both sides have it. */
export interface Pair {
  readonly way: WayEvidence;
  readonly sent: SentRow;
  readonly received: ReceivedRow | null;
  /** How often it stands in the session. */
  readonly delivered: number;
}

/** The turn of a run: the gateway's later names for the same turn have a number behind a dot. */
export const turnOf = (key: string): string => key.split('.')[0] ?? key;

/** How often each turn stands in a session. The rows with which the gateway resumes one are no deliveries. */
export function deliveries({ userRows }: WayEvidence): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { key, resumes } of userRows)
    if (key !== null && !resumes) times.set(turnOf(key), (times.get(turnOf(key)) ?? 0) + 1);
  return times;
}

export function pairsOf(way: WayEvidence): readonly Pair[] {
  const inbox = new Map(way.inbox.map((row) => [row.messageId, row]));
  const times = deliveries(way);
  return way.outbox.map((sent) => {
    const received = inbox.get(sent.id) ?? null;
    return { way, sent, received, delivered: received === null ? 0 : (times.get(received.turnKey) ?? 0) };
  });
}

/**
 * The kill of the receiver's gateway that met the turn of this message under way. After it a session may not be able to
 * tell what became of the turn; after anything else it can.
 */
export function blowTo({ way, received }: Pair, faults: readonly StruckFault[]): StruckFault | null {
  if (received === null) return null;
  const starts = way.turnStarts.filter(({ taskId }) => taskId === received.taskId);
  const met = faults.find(
    ({ kind, stacks, from, until }) =>
      kind === 'gateway' &&
      stacks.includes(way.to) &&
      starts.some(({ at }) => at <= until) &&
      from <= received.updatedAt,
  );
  return met ?? null;
}
