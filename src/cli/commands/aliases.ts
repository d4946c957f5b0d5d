import type { Command } from 'commander';
import type { grantView } from '../../local-server/views.ts';
import { part, verb, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { table } from '../table.ts';

type GrantView = ReturnType<typeof grantView>;

async function add(cli: Cli, peer: string, alias: string, sessionKey: string): Promise<Outcome> {
  const added = await cli
    .connect()
    .post<{ grant: GrantView; warnings: readonly string[] }>('/aliases', { peer, alias, sessionKey });
  const { grant, warnings } = added;
  const text = `${grant.peer} may now write to ${grant.sessionKey} as "${grant.alias}".`;
  return { json: added, text, note: warnings.map((warning) => `warning: ${warning}`).join('\n') };
}

async function list(cli: Cli, peer: string | undefined): Promise<Outcome> {
  const answer = await cli
    .connect()
    .get<{ grants: readonly GrantView[] }>(peer === undefined ? '/aliases' : `/aliases?peer=${part(peer)}`);
  if (answer.grants.length === 0)
    return { json: answer, text: '', note: 'No aliases yet; see agent-peer aliases add.' };
  return {
    json: answer,
    text: table(
      ['PEER', 'ALIAS', 'SESSION'],
      answer.grants.map((grant) => [grant.peer, grant.alias, grant.sessionKey]),
    ),
  };
}

export function addAliases(program: Command, cli: Cli): void {
  const aliases = program.command('aliases').description('the local sessions that peers may write to');
  verb(aliases, 'add', 'offer a local session to a peer under an alias')
    .argument('<peer>', 'name of the peer')
    .argument('<alias>', 'name that the peer uses, for example handoff')
    .argument('<session-key>', 'for example agent:main:peer-bob')
    .action((peer: string, alias: string, sessionKey: string, options: PrintOptions) =>
      cli.perform(options, () => add(cli, peer, alias, sessionKey)),
    );
  verb(aliases, 'list', 'list the aliases of all peers, or of one')
    .argument('[peer]', 'name of the peer')
    .action((peer: string | undefined, options: PrintOptions) => cli.perform(options, () => list(cli, peer)));
}
