import type { Command } from 'commander';
import { compareAudits, OUTCOMES, type Comparison, type ComparedMessage } from '../../core/audit-compare.ts';
import { findParties, type Parties } from '../../core/audit-parties.ts';
import { AgentPeerError, EXIT, fromProblem } from '../../errors.ts';
import type { AuditLine } from '../../ports/audit.ts';
import { readAuditExport, type AuditExport } from '../audit-export.ts';
import { part, verb, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { table, tableText } from '../table.ts';

interface Options extends PrintOptions {
  readonly peer?: string;
}

const iso = (instant: number) => new Date(instant).toISOString();

async function ownLines(cli: Cli, peer: string | undefined): Promise<AuditExport> {
  const readAt = new Date().toISOString();
  const query = `limit=10000${peer === undefined ? '' : `&peer=${part(peer)}`}`;
  const { lines } = await cli.connect().get<{ lines: readonly AuditLine[] }>(`/audit?${query}`);
  if (lines.length > 0) return { readAt, lines };
  throw new AgentPeerError('input-invalid', 'the audit log here has no such lines', 'See agent-peer audit');
}

function view(message: ComparedMessage) {
  return {
    messageId: message.messageId,
    sender: message.sender,
    outcome: message.outcome,
    at: iso(message.at),
    hereDigest: message.hereDigest,
    thereDigest: message.thereDigest,
    reason: message.reason,
  };
}

const isDifference = ({ outcome }: ComparedMessage) =>
  outcome === 'hash-differs' || outcome === 'only-here' || outcome === 'only-there';

function countsOf({ messages }: Comparison): Readonly<Record<string, number>> {
  const count = (wanted: string) => messages.filter(({ outcome }) => outcome === wanted).length;
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, count(outcome)]));
}

const SHORT_HASH = 12;

function rowOf({ at, sender, messageId, outcome, hereDigest, thereDigest }: ComparedMessage) {
  const short = (digest: string | null) => digest?.slice(0, SHORT_HASH) ?? '-';
  return [iso(at), sender, outcome, messageId, short(hereDigest), short(thereDigest)];
}

const NOTE = [
  'only-here, only-there: the other log has no line about it, though it has lines from before and after. A message that',
  'was sent may still wait, or was turned away before it was read: agent-peer messages show <id> says what became of it.',
].join('\n');

function textOf(comparison: Comparison, { here, there }: Parties): string {
  const counts = Object.entries(countsOf(comparison)).filter(([, count]) => count > 0);
  const told =
    counts.length === 0 ? 'no messages' : counts.map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const names = `${here ?? 'nobody'} here, ${there ?? 'nobody'} there`;
  const head = `${names}; from ${iso(comparison.from)} to ${iso(comparison.until)}: ${told}`;
  if (comparison.agree) return `The logs agree (${head}).`;
  const rows = comparison.messages.filter(isDifference).map(rowOf);
  return `The logs differ (${head}).\n${tableText(table(['TIME', 'SENDER', '', 'MESSAGE', 'HASH HERE', 'HASH THERE'], rows))}`;
}

function checkOverlap({ from, until }: Comparison): void {
  if (from <= until) return;
  const what = `the two logs have no time in common: one begins at ${iso(from)}, the other ends at ${iso(until)}`;
  throw new AgentPeerError('input-invalid', what, 'Ask for an export of the time that you want to compare');
}

async function compare(cli: Cli, file: string, { peer }: Options): Promise<Outcome> {
  const theirs = await readAuditExport(cli.io, file);
  if (theirs.lines.length === 0)
    throw new AgentPeerError('input-invalid', `${file}: has no lines`, 'Ask for an export with more in it');
  const ours = await ownLines(cli, peer);
  const found = findParties(ours.lines, theirs.lines, peer ?? null);
  if (!found.ok) throw fromProblem('input-invalid', found.problem);
  const { here, there } = found.value;
  const comparison = compareAudits({ ...ours, peer: here }, { ...theirs, peer: there });
  checkOverlap(comparison);
  const { agree, from, until, messages } = comparison;
  const json = { agree, here, there, from: iso(from), until: iso(until), counts: countsOf(comparison) };
  const outcome = { json: { ...json, messages: messages.map(view) }, text: textOf(comparison, found.value) };
  return agree ? outcome : { ...outcome, note: NOTE, exitCode: EXIT.refused };
}

export function addAuditCompare(audit: Command, cli: Cli): void {
  verb(audit, 'compare', "hold this log against another owner's; ends with 3 when they differ")
    .argument('<file>', 'what the other owner printed with agent-peer audit --json, or - for stdin')
    .option('--peer <name>', 'whose it is, when this stack has several peers')
    .action((file: string, options: Options) => cli.perform(options, () => compare(cli, file, options)));
}
