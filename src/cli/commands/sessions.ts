import type { Command } from 'commander';
import type { SessionView } from '../../local-server/views.ts';
import { verb, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { table } from '../table.ts';

interface Sessions {
  readonly sessions: readonly SessionView[];
  readonly total: number;
}

function rowOf({ sessionKey, agentId, kind, offer, usedAt, offeredTo }: SessionView) {
  const offered = offeredTo.map(({ peer, alias }) => `${peer} as "${alias}"`).join(', ');
  return [sessionKey, agentId ?? '-', kind, offer, usedAt ?? '-', offered];
}

function noteOf({ sessions, total }: Sessions): string {
  if (sessions.length === 0)
    return 'The gateway has no sessions yet; aliases add also takes one that is not there yet.';
  return sessions.length < total ? `The ${sessions.length} that were used last, of ${total}.` : '';
}

async function list(cli: Cli): Promise<Outcome> {
  const answer = await cli.connect().get<Sessions>('/sessions');
  const head = ['SESSION', 'AGENT', 'KIND', 'OFFER', 'LAST USED', 'OFFERED TO'];
  const text = answer.sessions.length === 0 ? '' : table(head, answer.sessions.map(rowOf), 0);
  return { json: answer, text, note: noteOf(answer) };
}

export function addSessions(program: Command, cli: Cli): void {
  const sessions = program.command('sessions').description('the sessions of the gateway');
  verb(sessions, 'list', 'list the sessions of the gateway, and which of them peers have', true).action(
    (options: PrintOptions) => cli.perform(options, () => list(cli)),
  );
}
