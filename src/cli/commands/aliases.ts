import type { Command } from 'commander';
import type { GrantView } from '../../local-server/peer-views.ts';
import { part, verb, type Cli } from '../command.ts';
import { holdLines, warningLines } from '../offer-options.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { table } from '../table.ts';
import { grantSentence, removeGrant, termsBody, withTerms, type TermOptions } from './grants.ts';

interface Added {
  readonly grant: GrantView;
  readonly warnings: readonly string[];
}

async function add(
  cli: Cli,
  [peer, alias, sessionKey]: readonly [string, string, string],
  options: TermOptions,
): Promise<Outcome> {
  const wish = { peer, alias, sessionKey, ...termsBody(options) };
  const answer = await cli.connect().post<Added>('/aliases', wish, 30_000);
  const sentence = grantSentence({ direction: 'inbound', ...answer.grant });
  const lines = [sentence, ...warningLines(answer.warnings), ...holdLines(options.hold)];
  return { json: answer, text: '', note: lines.join('\n') };
}

function rowOf({ peer, alias, sessionKey, operations, sendsPerMinute, hold, expiresAt }: GrantView) {
  const limit = sendsPerMinute === null ? '-' : String(sendsPerMinute);
  return [peer, alias, sessionKey, operations.join(','), limit, hold, expiresAt ?? 'never'];
}

async function list(cli: Cli, peer: string | undefined): Promise<Outcome> {
  const answer = await cli
    .connect()
    .get<{ grants: readonly GrantView[] }>(peer === undefined ? '/aliases' : `/aliases?peer=${part(peer)}`);
  if (answer.grants.length === 0)
    return { json: answer, text: '', note: 'No aliases yet; see agent-peer aliases add.' };
  const head = ['PEER', 'ALIAS', 'SESSION', 'OPERATIONS', 'SENDS/MIN', 'HOLD', 'EXPIRES'];
  return { json: answer, text: table(head, answer.grants.map(rowOf), 1) };
}

export function addAliases(program: Command, cli: Cli): void {
  const aliases = program.command('aliases').description('the local sessions that peers may write to');
  withTerms(verb(aliases, 'add', 'offer a local session to a peer under an alias'))
    .argument('<peer>', 'name of the peer')
    .argument('<alias>', 'name that the peer uses, for example handoff')
    .argument('<session-key>', 'for example agent:main:peer-bob')
    .action((peer: string, alias: string, sessionKey: string, options: TermOptions) =>
      cli.perform(options, () => add(cli, [peer, alias, sessionKey], options)),
    );
  verb(aliases, 'list', 'list the aliases of all peers, or of one')
    .argument('[peer]', 'name of the peer')
    .action((peer: string | undefined, options: PrintOptions) => cli.perform(options, () => list(cli, peer)));
  verb(aliases, 'remove', 'take an alias back from a peer, at once')
    .argument('<peer>', 'name of the peer')
    .argument('<alias>', 'the alias')
    .action((peer: string, alias: string, options: PrintOptions) =>
      cli.perform(options, () => removeGrant(cli, 'inbound', peer, alias)),
    );
}
