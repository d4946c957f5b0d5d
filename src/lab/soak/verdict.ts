import { isFinalInboxState } from '../../core/inbox.ts';
import { isFinalOutboxState } from '../../core/outbox.ts';
import type { Evidence, StruckFault } from './evidence.ts';
import { finding, short, type Finding } from './finding.ts';
import { orderFindings } from './order.ts';
import { blowTo, pairsOf, type Pair } from './pairs.ts';
import { strangers } from './strangers.ts';

/** A message of which nothing proves what became of it, and the fault that made it so. */
export interface Undecided {
  readonly text: string;
  readonly detail: string;
  readonly because: StruckFault;
}

export interface Verdict {
  readonly findings: readonly Finding[];
  readonly undecided: readonly Undecided[];
}

export interface Expectations {
  readonly atLeast: number;
  /** What the model of this stack says to a text; null for nothing. */
  readonly replyOf: (stack: string, text: string) => string | null;
}

function uncertainty(pair: Pair, faults: readonly StruckFault[]): Undecided | Finding {
  const { sent, received } = pair;
  const detail = received?.detail ?? sent.detail ?? 'nothing is said about it';
  if (received?.state !== 'uncertain' || sent.state !== 'uncertain') {
    const states = `sender ${sent.state}, receiver ${received?.state ?? 'has none'}: ${detail}`;
    return finding('unexplained-uncertain', pair.sent, states);
  }
  const because = blowTo(pair, faults);
  return because === null
    ? finding('unexplained-uncertain', pair.sent, detail)
    : { text: sent.text, detail, because };
}

function copies(pair: Pair): readonly Finding[] {
  const { sent, received, delivered } = pair;
  if (delivered > 1) return [finding('doubled', pair.sent, `stands in the session ${delivered} times`)];
  if (received !== null && received.text !== sent.text)
    return [finding('changed', pair.sent, `arrived as "${short(received.text)}"`)];
  return [];
}

function answered(pair: Pair, { replyOf }: Expectations): readonly Finding[] {
  const { way, sent, received, delivered } = pair;
  const expected = replyOf(way.to, sent.text);
  if (received === null) return [finding('lost', pair.sent, 'the receiver has no row of it')];
  if (delivered === 0) return [finding('lost', pair.sent, 'the session has no row of it')];
  if (received.state !== 'replied' || sent.state !== 'answered') {
    const why = `sender ${sent.state}, receiver ${received.state}: ${sent.detail ?? received.detail ?? ''}`;
    return [finding('not-answered', pair.sent, why)];
  }
  if (sent.reply === expected) return [];
  return [
    finding('wrong-reply', pair.sent, `"${short(sent.reply ?? '')}" in place of "${short(expected ?? '')}"`),
  ];
}

type Judged = { readonly findings: readonly Finding[]; readonly undecided: readonly Undecided[] };

function judgePair(pair: Pair, { faults }: Evidence, expected: Expectations): Judged {
  const { sent, received } = pair;
  const found = copies(pair);
  const isFinal = isFinalOutboxState(sent.state) && (received === null || isFinalInboxState(received.state));
  if (!isFinal) {
    const why = `sender ${sent.state}, receiver ${received?.state ?? 'has none'}`;
    return { findings: [...found, finding('not-final', pair.sent, why)], undecided: [] };
  }
  if (sent.state !== 'uncertain' && received?.state !== 'uncertain')
    return { findings: [...found, ...answered(pair, expected)], undecided: [] };
  const end = uncertainty(pair, faults);
  return 'because' in end
    ? { findings: found, undecided: [end] }
    : { findings: [...found, end], undecided: [] };
}

/** Judges by what both sides have, and by nothing that the runner believes to have seen. */
export function judgeSoak(evidence: Evidence, expected: Expectations): Verdict {
  const judged = evidence.ways.flatMap((way) =>
    pairsOf(way).map((pair) => judgePair(pair, evidence, expected)),
  );
  const sent = evidence.ways.reduce((sum, { outbox }) => sum + outbox.length, 0);
  const few: readonly Finding[] =
    sent < expected.atLeast
      ? [{ kind: 'too-few', detail: `${sent} messages where ${expected.atLeast} are wanted` }]
      : [];
  return {
    findings: [
      ...few,
      ...evidence.ways.flatMap(strangers),
      ...evidence.ways.flatMap(orderFindings),
      ...judged.flatMap(({ findings }) => findings),
    ],
    undecided: judged.flatMap(({ undecided }) => undecided),
  };
}
