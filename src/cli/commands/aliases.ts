import type { Command } from 'commander';
import type { GrantView } from '../../local-server/views.ts';
import { part, verb, wholeNumber, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { table } from '../table.ts';

interface AddOptions extends PrintOptions {
  readonly expires?: string;
  readonly operations?: string;
  readonly sendsPerMinute?: number;
  readonly special?: true;
}

/** `--operations a,b` and `--operations "a b"` are the same. */
function wishOf({ expires, operations, sendsPerMinute, special }: AddOptions) {
  const listed = operations?.split(/[\s,]+/).filter((word) => word !== '');
  return { expiresIn: expires, operations: listed, sendsPerMinute, special };
}

function added({ peer, alias, sessionKey, expiresAt }: GrantView): string {
  const until = expiresAt === null ? '' : `, until ${expiresAt}`;
  return `${peer} may now write to ${sessionKey} as "${alias}"${until}.`;
}

/** A grant without `message-send` lets its peer write nothing, so the sentence must not say that. */
function sentenceOf(grant: GrantView): string {
  if (grant.operations.includes('message-send')) return added(grant);
  return `${grant.peer} may now do this with "${grant.alias}", and not write to it: ${grant.operations.join(', ')}.`;
}

async function add(
  cli: Cli,
  [peer, alias, sessionKey]: readonly [string, string, string],
  options: AddOptions,
): Promise<Outcome> {
  const answer = await cli.connect().post<{ grant: GrantView; warnings: readonly string[] }>('/aliases', {
    peer,
    alias,
    sessionKey,
    ...wishOf(options),
  });
  const note = answer.warnings.map((warning) => `warning: ${warning}`).join('\n');
  return { json: answer, text: sentenceOf(answer.grant), note };
}

function rowOf({ peer, alias, sessionKey, operations, sendsPerMinute, expiresAt }: GrantView) {
  const limit = sendsPerMinute === null ? '-' : String(sendsPerMinute);
  return [peer, alias, sessionKey, operations.join(','), limit, expiresAt ?? 'never'];
}

async function list(cli: Cli, peer: string | undefined): Promise<Outcome> {
  const answer = await cli
    .connect()
    .get<{ grants: readonly GrantView[] }>(peer === undefined ? '/aliases' : `/aliases?peer=${part(peer)}`);
  if (answer.grants.length === 0)
    return { json: answer, text: '', note: 'No aliases yet; see agent-peer aliases add.' };
  const head = ['PEER', 'ALIAS', 'SESSION', 'OPERATIONS', 'SENDS/MIN', 'EXPIRES'];
  return { json: answer, text: table(head, answer.grants.map(rowOf)) };
}

export function addAliases(program: Command, cli: Cli): void {
  const aliases = program.command('aliases').description('the local sessions that peers may write to');
  verb(aliases, 'add', 'offer a local session to a peer under an alias')
    .argument('<peer>', 'name of the peer')
    .argument('<alias>', 'name that the peer uses, for example handoff')
    .argument('<session-key>', 'for example agent:main:peer-bob')
    .option('--expires <duration>', 'how long it is open, for example 7d, 12h or 30m; for ever without it')
    .option('--operations <list>', 'what it allows, of message-send, task-read, task-cancel; all without it')
    .option('--sends-per-minute <n>', 'messages that are taken in any minute', wholeNumber(1, 1000, ''))
    .option('--special', "take a session that is the gateway's own or has a route to other people")
    .action((peer: string, alias: string, sessionKey: string, options: AddOptions) =>
      cli.perform(options, () => add(cli, [peer, alias, sessionKey], options)),
    );
  verb(aliases, 'list', 'list the aliases of all peers, or of one')
    .argument('[peer]', 'name of the peer')
    .action((peer: string | undefined, options: PrintOptions) => cli.perform(options, () => list(cli, peer)));
}
