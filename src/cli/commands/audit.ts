import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseDuration } from '../../core/duration.ts';
import type { AuditLineView } from '../../local-server/views.ts';
import { part, verb, wholeNumber, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { table } from '../table.ts';
import { addAuditCompare } from './audit-compare.ts';

const SHOWN = 50;
const MOST = 10_000;

interface Options extends PrintOptions {
  readonly peer?: string;
  readonly reason?: string;
  readonly refused?: true;
  readonly allowed?: true;
  readonly message?: string;
  readonly since?: string;
  readonly limit?: number;
}

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/** An instant, or how long ago it was; as an instant in UTC. */
function instant(raw: string): string {
  const ago = parseDuration(raw);
  const at = ago.ok ? Date.now() - ago.value : INSTANT.test(raw) ? Date.parse(raw) : Number.NaN;
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new InvalidArgumentError('Use for example 30m, 2h, 7d, 2026-10-01 or 2026-10-01T12:00Z.');
}

/** As the loopback API names it; what was not asked for is not in it. */
function filterOf({ peer, reason, refused, allowed, message, since, limit, json }: Options) {
  const decided = refused === true ? 'false' : allowed === true ? 'true' : undefined;
  const most = limit ?? (json === true ? MOST : SHOWN);
  const all = { peer, reason, allowed: decided, message, since, limit: String(most) };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function rowOf(line: AuditLineView): readonly string[] {
  const { time, direction, operation, reason, alias, messageId, skipped } = line;
  return [
    time,
    direction === 'outbound' ? 'to' : 'from',
    line.peer ?? (line.nodeId === null ? '-' : `node ${line.nodeId}`),
    operation,
    alias ?? '-',
    line.allowed ? 'allow' : 'deny',
    reason,
    messageId ?? '-',
    skipped === 0 ? '' : `and ${skipped} more like it`,
  ];
}

const HEAD = ['TIME', '', 'PEER', 'OPERATION', 'ALIAS', 'DECISION', 'REASON', 'MESSAGE', ''];

async function list(cli: Cli, options: Options): Promise<Outcome> {
  const filter = filterOf(options);
  const query = Object.entries(filter).map(([name, value]) => `${name}=${part(value)}`);
  // Taken before the log is read: an export must not claim to know a moment that it may not have seen.
  const readAt = new Date().toISOString();
  const { lines } = await cli.connect().get<{ lines: readonly AuditLineView[] }>(`/audit?${query.join('&')}`);
  const json = { readAt, filter, lines };
  if (lines.length === 0) return { json, text: '', note: 'No such decisions.' };
  return { json, text: table(HEAD, lines.map(rowOf)) };
}

export function addAudit(program: Command, cli: Cli): void {
  const audit = program.command('audit').description('what was decided about peers');
  verb(audit, 'list', 'list what was decided about peers, newest first', true)
    .option('--peer <name>', 'of one peer')
    .option('--reason <word>', 'with this reason, for example alias-not-granted')
    .addOption(new Option('--refused', 'refusals only').conflicts('allowed'))
    .option('--allowed', 'what was allowed only')
    .option('--message <id>', 'about one message')
    .option('--since <when>', 'for example 2h, 7d or 2026-10-01T12:00Z', instant)
    .option('--limit <n>', `how many; ${SHOWN} without it, ${MOST} with --json`, wholeNumber(1, MOST))
    .action((options: Options) => cli.perform(options, () => list(cli, options)));
  addAuditCompare(audit, cli);
}
