import type { Command } from 'commander';
import { EXIT } from '../../errors.ts';
import type { ExplanationView } from '../../local-server/routes/explain.ts';
import { part, verb, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';

async function explain(
  cli: Cli,
  peer: string,
  operation: string,
  alias: string | undefined,
): Promise<Outcome> {
  const about = alias === undefined ? '' : `&alias=${part(alias)}`;
  const answer = await cli
    .connect()
    .get<ExplanationView>(`/explain?peer=${part(peer)}&operation=${part(operation)}${about}`);
  const told = { json: answer, text: answer.sentence };
  return answer.allowed ? told : { ...told, exitCode: EXIT.refused };
}

export function addExplain(program: Command, cli: Cli): void {
  verb(program, 'explain', 'say what would be decided about a request now, and why; ends with 3 when refused')
    .argument('<peer>', 'name of the peer')
    .argument('<operation>', 'for example message-send; message-submit is from this machine to the peer')
    .argument('[alias]', 'the alias that the request would name')
    .action((peer: string, operation: string, alias: string | undefined, options: PrintOptions) =>
      cli.perform(options, () => explain(cli, peer, operation, alias)),
    );
}
