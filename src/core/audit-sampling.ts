/** What was allowed and changed something. A peer that only reads could else write the rest of the log away. */
const ACTS: ReadonlySet<string> = new Set(['accepted', 'cancelled']);

/** What the owner decided about a message that was held, the noes too. Nobody else on this machine can. */
const OWNERS_WORDS: ReadonlySet<string> = new Set(['hold-approved', 'hold-released', 'hold-refused']);

/** What tells one kind of decision from another. Nothing that a caller can choose at will, or kinds would have no end. */
export interface Sampled {
  readonly direction: 'inbound' | 'outbound';
  readonly surface: string;
  readonly allowed: boolean;
  readonly reason: string;
  readonly peer: string | null;
  readonly nodeId: string | null;
}

function isAlwaysWritten({ surface, allowed, reason, peer }: Sampled): boolean {
  if (peer === null) return false;
  return (allowed && ACTS.has(reason)) || (surface === 'local' && OWNERS_WORDS.has(reason));
}

export interface SamplingLimits {
  readonly windowMs: number;
  /** Lines of one kind in one window; the rest of it is counted. */
  readonly ofKind: number;
  /** Kinds told apart in one window; what is beyond falls into one count. Less than `lines`. */
  readonly kinds: number;
  /** Lines of all kinds in one window, of each of three: peers, strangers, and this machine's own programs. */
  readonly lines: number;
}

export const SAMPLING: SamplingLimits = { windowMs: 60_000, ofKind: 5, kinds: 40, lines: 60 };

/** One line to write. Over all lines, the sum of `1 + skipped` is the number of decisions. */
export interface SampledLine<D> {
  readonly decision: D;
  /** When it was decided, which for a count is before it is written. */
  readonly at: number;
  /** Decisions like this one that have no line of their own. */
  readonly skipped: number;
  /** Not only decisions like this one: there were more kinds than are told apart. */
  readonly several: boolean;
}

export interface Sampling<D> {
  /** What is to be written now that this was decided, in this order. */
  take(decision: D, now: number): readonly SampledLine<D>[];
  /** Counts whose window is over. */
  ended(now: number): readonly SampledLine<D>[];
  /** All counts, for when nothing comes after. */
  rest(): readonly SampledLine<D>[];
}

interface Tally<D> {
  written: number;
  counted: number;
  last: { readonly decision: D; readonly at: number } | null;
}

interface Pool<D> {
  startedAt: number;
  lines: number;
  readonly kinds: Map<string, Tally<D>>;
  others: Tally<D>;
}

function newTally<D>(): Tally<D> {
  return { written: 0, counted: 0, last: null };
}

function newPool<D>(): Pool<D> {
  return { startedAt: Number.NEGATIVE_INFINITY, lines: 0, kinds: new Map(), others: newTally() };
}

function tallyFor<D extends Sampled>(pool: Pool<D>, decision: D, limits: SamplingLimits): Tally<D> {
  const { surface, peer, nodeId, reason } = decision;
  const kind = JSON.stringify([surface, peer ?? nodeId, reason]);
  const known = pool.kinds.get(kind);
  if (known !== undefined) return known;
  if (pool.kinds.size >= limits.kinds) return pool.others;
  const tally = newTally<D>();
  pool.kinds.set(kind, tally);
  return tally;
}

function summary<D>({ last, counted }: Tally<D>, several: boolean): readonly SampledLine<D>[] {
  return last === null ? [] : [{ ...last, skipped: counted - 1, several }];
}

/** Summaries count as lines of the window that they are written in: no window has more than its limit. */
function restart<D>(pool: Pool<D>, now: number): readonly SampledLine<D>[] {
  const lines = [...pool.kinds.values()].flatMap((tally) => summary(tally, false));
  lines.push(...summary(pool.others, true));
  pool.kinds.clear();
  Object.assign(pool, { startedAt: now, lines: lines.length, others: newTally<D>() });
  return lines;
}

function sample<D extends Sampled>(pool: Pool<D>, line: SampledLine<D>, limits: SamplingLimits) {
  const { decision, at } = line;
  const tally = tallyFor(pool, decision, limits);
  if (tally.written < limits.ofKind && pool.lines < limits.lines) {
    tally.written += 1;
    pool.lines += 1;
    return [line];
  }
  tally.counted += 1;
  tally.last = { decision, at };
  return [];
}

/** A clock that went back ends the window too, or it would last until the clock has caught up. */
function isOver<D>({ startedAt }: Pool<D>, now: number, { windowMs }: SamplingLimits): boolean {
  return now < startedAt || now - startedAt >= windowMs;
}

/**
 * Chooses which decisions are written one by one. Whoever can reach the listener can be refused as often as it likes,
 * and a peer can read as often as its limits let it, so refusals and reads are counted after the first few of a kind.
 * What a peer was let to do is always written. Strangers and this machine's programs are counted apart from peers: they
 * cannot use up the lines in which a peer's refusals would stand.
 */
export function createSampling<D extends Sampled>(limits: SamplingLimits = SAMPLING): Sampling<D> {
  const [peers, strangers, local] = [newPool<D>(), newPool<D>(), newPool<D>()];
  const pools = [peers, strangers, local];
  const ended = (now: number) =>
    pools.flatMap((pool) => (isOver(pool, now, limits) ? restart(pool, now) : []));
  const poolFor = ({ direction, peer }: D): Pool<D> => {
    if (direction === 'outbound') return local;
    return peer === null ? strangers : peers;
  };
  return {
    take: (decision, at) => {
      const line = { decision, at, skipped: 0, several: false };
      return [
        ...ended(at),
        ...(isAlwaysWritten(decision) ? [line] : sample(poolFor(decision), line, limits)),
      ];
    },
    ended,
    rest: () => pools.flatMap((pool) => restart(pool, pool.startedAt)),
  };
}
