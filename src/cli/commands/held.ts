import type { Command } from 'commander';
import { AgentPeerError } from '../../errors.ts';
import type { HeldLineView, HeldView } from '../../local-server/held-views.ts';
import type { HeldCounts } from '../../ports/holds.ts';
import type { Api } from '../api.ts';
import { part, verb, type Cli } from '../command.ts';
import { waiterWords, whoseWords, whyWords } from '../held-words.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { row } from '../peer-words.ts';
import { quoted } from '../quoted.ts';
import { oneLine, table } from '../table.ts';

interface Listed {
  readonly held: readonly HeldLineView[];
  readonly counts: HeldCounts;
}

const SHORTEST = 4;
const HEAD = ['SINCE', '', 'PEER', 'ALIAS', 'WHAT', 'REASON', 'WAITS FOR', 'UNTIL', 'ID', 'TEXT'];

function rowOf(item: HeldLineView): readonly string[] {
  const { since, direction, peer, alias, what, reason, until, id, excerpt } = item;
  const who = item.place === 'here' ? 'you' : peer;
  return [
    since,
    direction === 'outbound' ? 'to' : 'from',
    ...[peer, alias, what, reason, who, until, id, oneLine(excerpt)],
  ];
}

function leftOut({ held, counts }: Listed): number {
  return counts.here + counts.there - held.length;
}

async function list(cli: Cli): Promise<Outcome> {
  const answer = await cli.connect().get<Listed>('/held');
  if (answer.held.length === 0) return { json: answer, text: '', note: 'Nothing waits for a person.' };
  const more = leftOut(answer);
  return {
    json: answer,
    text: table(HEAD, answer.held.map(rowOf), HEAD.indexOf('ID')),
    note: more > 0 ? `These are the oldest; ${more} more wait.` : '',
  };
}

/** The whole id of what was meant. Where not all are listed, a short one could be another's. */
async function idOf(api: Api, typed: string): Promise<string> {
  const answer = await api.get<Listed>('/held');
  const meant = answer.held.filter(({ id }) => id.startsWith(typed));
  if (typed.length < SHORTEST || leftOut(answer) > 0 || meant.some(({ id }) => id === typed)) return typed;
  if (meant.length > 1) {
    const what = `"${typed}" is the beginning of ${meant.length} ids`;
    throw new AgentPeerError('input-invalid', what, 'Give more of it; agent-peer held list shows them');
  }
  return meant[0]?.id ?? typed;
}

function contextLines({ context }: HeldView): readonly string[] {
  return context.flatMap((one) => [
    'context',
    ...quoted(one.type === 'text' ? one.text : JSON.stringify(one.value, null, 2)),
  ]);
}

function shown(item: HeldView): string {
  const fields = Object.entries(item.fields).flatMap(([name, value]) => [
    oneLine(name),
    ...quoted(String(value)),
  ]);
  return [
    item.id,
    row('waits', `for ${waiterWords(item, item)}, until ${item.until}`),
    row('what', `${whoseWords(item, item)}, since ${item.since}`),
    row('why', `${whyWords(item)} (${item.reason})`),
    ...(item.secrets.length === 0 ? [] : [row('secret', `has what looks like ${item.secrets.join(', ')}`)]),
    row('alias', item.alias),
    row('kind', item.kind),
    row('talk', `conversation ${item.conversation}`),
    'message',
    ...quoted(item.text),
    ...fields,
    ...contextLines(item),
    ...(item.reply === null ? [] : ['reply', ...quoted(item.reply)]),
  ].join('\n');
}

async function show(cli: Cli, typed: string): Promise<Outcome> {
  const api = cli.connect();
  const answer = await api.get<{ held: HeldView }>(`/held/${part(await idOf(api, typed))}`);
  return { json: answer, text: shown(answer.held) };
}

function approvedWords({ place, what, direction, peer }: HeldLineView): string {
  if (place === 'peer') return `${peer} is asked again, as for the first message of a chain.`;
  if (what === 'message')
    return direction === 'outbound' ? `It goes to ${peer} now.` : 'The session gets it now.';
  return direction === 'outbound' ? 'The reply can be read now.' : `The reply goes to ${peer} now.`;
}

async function approve(cli: Cli, typed: string): Promise<Outcome> {
  const api = cli.connect();
  const id = await idOf(api, typed);
  const answer = await api.post<{ approved: HeldLineView }>(`/held/${part(id)}/approve`, {});
  return { json: answer, text: '', note: approvedWords(answer.approved) };
}

function refusedWords({ what, direction, peer }: HeldLineView): string {
  if (direction === 'inbound') return `It is ended, and ${peer} is told.`;
  return what === 'message'
    ? `It is ended, and ${peer} never has it.`
    : 'The reply is gone, unread by any agent.';
}

async function refuse(cli: Cli, typed: string, note: string | undefined): Promise<Outcome> {
  const api = cli.connect();
  const id = await idOf(api, typed);
  const answer = await api.post<{ refused: HeldLineView }>(`/held/${part(id)}/refuse`, { note });
  return { json: answer, text: '', note: refusedWords(answer.refused) };
}

export function addHeld(program: Command, cli: Cli): void {
  const held = program.command('held').description('messages and replies that wait for a person');
  const ID = 'id of what is held, or its beginning';
  verb(held, 'list', 'list what waits, oldest first').action((options: PrintOptions) =>
    cli.perform(options, () => list(cli)),
  );
  verb(held, 'show', 'show one with its texts')
    .argument('<id>', ID)
    .action((id: string, options: PrintOptions) => cli.perform(options, () => show(cli, id)));
  verb(held, 'approve', 'let it go on')
    .argument('<id>', ID)
    .action((id: string, options: PrintOptions) => cli.perform(options, () => approve(cli, id)));
  verb(held, 'refuse', 'end it')
    .argument('<id>', ID)
    .option('--note <text>', 'what to say to who wrote it, at most 500 characters')
    .action((id: string, options: PrintOptions & { readonly note?: string }) =>
      cli.perform(options, () => refuse(cli, id, options.note)),
    );
}
