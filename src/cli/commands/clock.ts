import type { Command } from 'commander';
import { verb, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';

async function accept(cli: Cli): Promise<Outcome> {
  const answer = await cli.connect().post<{ clock: string }>('/clock/accept', {});
  return { json: answer, text: '', note: 'The clock as it is now is taken for right.' };
}

export function addClock(program: Command, cli: Cli): void {
  const clock = program.command('clock').description("this machine's clock, by which grants expire");
  verb(
    clock,
    'accept',
    'say that the clock is right now, though it was ahead before: what expired meanwhile comes back',
  ).action((options: PrintOptions) => cli.perform(options, () => accept(cli)));
}
