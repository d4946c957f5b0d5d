import { FAULT_KINDS } from './plan.ts';
import type { Evidence, WayEvidence } from './evidence.ts';
import { deliveries } from './pairs.ts';
import type { Verdict } from './verdict.ts';
import { faultName, seconds } from './words.ts';

function countOf<T>(items: readonly T[], is: (item: T) => boolean): number {
  return items.filter(is).length;
}

/** The time from handing in to the end, at this place of all in order of length. */
function waitAt({ outbox }: WayEvidence, place: number): string {
  const waits = outbox.map(({ createdAt, updatedAt }) => updatedAt - createdAt).sort((a, b) => a - b);
  return seconds(waits[Math.min(waits.length - 1, Math.floor(waits.length * place))] ?? 0);
}

/** One line of the table for one way. */
type Line = readonly [what: string, of: (way: WayEvidence) => string | number];

const LINES: readonly Line[] = [
  ['handed in', ({ submitted }) => submitted.length],
  ['of these with a lost answer', ({ submitted }) => countOf(submitted, ({ kind }) => kind === 'unknown')],
  ['in the outbox', ({ outbox }) => outbox.length],
  ['attempts of the sender', ({ outbox }) => outbox.reduce((sum, { attempts }) => sum + attempts, 0)],
  ['in the inbox', ({ inbox }) => inbox.length],
  ['delivered: user rows with our key', (way) => deliveries(way).size],
  ['of these more than once', (way) => countOf([...deliveries(way).values()], (times) => times > 1)],
  ['answered', ({ outbox }) => countOf(outbox, ({ state }) => state === 'answered')],
  ['uncertain', ({ outbox }) => countOf(outbox, ({ state }) => state === 'uncertain')],
  ['resumed by the gateway itself', ({ userRows }) => countOf(userRows, ({ resumes }) => resumes)],
  ['calls of the model', ({ asked }) => asked.length],
  ['half of them took', (way) => waitAt(way, 0.5)],
  ['one of twenty took more than', (way) => waitAt(way, 0.95)],
  ['the longest took', (way) => waitAt(way, 1)],
];

function tableOf({ ways }: Evidence): readonly string[] {
  const width = Math.max(...LINES.map(([what]) => what.length));
  const row = (what: string, cells: readonly (string | number)[]) =>
    `${what.padEnd(width)}${cells.map((cell) => String(cell).padStart(10)).join('')}`;
  return [
    row(
      '',
      ways.map(({ from, to }) => `${from} to ${to}`),
    ),
    ...LINES.map(([what, of]) => row(what, ways.map(of))),
  ];
}

function faultsOf({ faults }: Evidence): string {
  const counted = FAULT_KINDS.map((kind) => `${kind} ${countOf(faults, (fault) => fault.kind === kind)}`);
  return `faults: ${counted.join(', ')}`;
}

/** What a person wants to read at the end; the verdict is the last line. */
export function reportOf(evidence: Evidence, { findings, undecided }: Verdict): readonly string[] {
  const sent = evidence.ways.reduce((sum, { outbox }) => sum + outbox.length, 0);
  const count = (kind: string) => countOf(findings, (finding) => finding.kind === kind);
  const sums = `${sent} sent, ${count('lost')} lost, ${count('doubled')} delivered twice, ${undecided.length} undecidable`;
  return [
    ...tableOf(evidence),
    faultsOf(evidence),
    ...undecided.map(
      ({ text, detail, because }) =>
        `undecidable: "${text}": ${detail}; ${faultName(because)} at ${new Date(because.from).toISOString()}`,
    ),
    ...findings.map(({ kind, detail }) => `${kind}: ${detail}`),
    findings.length === 0
      ? `verdict: passed. ${sums}`
      : `verdict: FAILED with ${findings.length} findings. ${sums}`,
  ];
}
