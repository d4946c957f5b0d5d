import type { Command } from 'commander';
import { verb, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';

interface Pauses {
  readonly paused: boolean;
  readonly pausedPeers: readonly string[];
}
type Paused = Pauses & { readonly turnsStopped: number };

const turns = (count: number) => (count === 1 ? '1 turn' : `${count} turns`);
const bodyFor = (peer: string | undefined) => (peer === undefined ? {} : { peer });

async function pause(cli: Cli, peer: string | undefined): Promise<Outcome> {
  const answer = await cli.connect().post<Paused>('/pause', bodyFor(peer));
  const whom = peer === undefined ? 'Everything' : peer;
  const note = [
    `${whom} is paused, also after a restart. Stopped: ${turns(answer.turnsStopped)}. No message is lost that waits.`,
    `To go on: agent-peer resume${peer === undefined ? '' : ` ${peer}`}`,
  ].join('\n');
  return { json: answer, text: '', note };
}

/** What still stands in the way: a person who thinks that all goes on must not wait in vain. */
function leftLines({ paused, pausedPeers }: Pauses): readonly string[] {
  return [
    ...(paused ? ['Everything is still paused: agent-peer resume'] : []),
    ...pausedPeers.map((name) => `${name} is still paused: agent-peer resume ${name}`),
  ];
}

async function resume(cli: Cli, peer: string | undefined): Promise<Outcome> {
  const answer = await cli.connect().post<Pauses>('/resume', bodyFor(peer));
  const whom = peer === undefined ? 'The stack goes on.' : `${peer} may go on.`;
  return { json: answer, text: '', note: [whom, ...leftLines(answer)].join('\n') };
}

export function addPause(program: Command, cli: Cli): void {
  verb(program, 'pause', 'stop everything at once, or one peer, until resume; no message is lost')
    .argument('[peer]', 'name of the peer; everything without it')
    .action((peer: string | undefined, options: PrintOptions) =>
      cli.perform(options, () => pause(cli, peer)),
    );
  verb(program, 'resume', 'let the stack go on, or one peer')
    .argument('[peer]', 'name of the peer; the stack without it')
    .action((peer: string | undefined, options: PrintOptions) =>
      cli.perform(options, () => resume(cli, peer)),
    );
}
