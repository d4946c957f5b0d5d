import type { Command } from 'commander';
import type { InviteView } from '../../local-server/peer-views.ts';
import { part, verb, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { table } from '../table.ts';
import { addInviteAccept } from './invite-accept.ts';
import { addInviteCreate } from './invite-create.ts';

const HEAD = ['ID', 'PEER', 'STATE', 'OFFERS', 'FOR NODE', 'USED BY', 'EXPIRES'];

function rowOf({ id, peer, state, grants, nodeId, claimedBy, expiresAt }: InviteView) {
  const offers = grants.map(({ alias }) => alias).join(', ');
  return [id, peer, state, offers === '' ? '-' : offers, nodeId ?? 'any', claimedBy ?? '-', expiresAt];
}

async function list(cli: Cli): Promise<Outcome> {
  const answer = await cli.connect().get<{ invites: readonly InviteView[] }>('/invites');
  if (answer.invites.length === 0)
    return { json: answer, text: '', note: 'No invites; see agent-peer invite create.' };
  return { json: answer, text: table(HEAD, answer.invites.map(rowOf), 0) };
}

async function cancel(cli: Cli, id: string): Promise<Outcome> {
  const answer = await cli.connect().post<{ invite: InviteView }>(`/invites/${part(id)}/cancel`, {});
  return { json: answer, text: '', note: `Cancelled. The code for ${answer.invite.peer} is good no more.` };
}

export function addInvite(program: Command, cli: Cli): void {
  const invite = program.command('invite').description('codes with which two stacks become peers');
  addInviteCreate(invite, cli);
  addInviteAccept(invite, cli);
  verb(invite, 'list', 'list the invites that this stack made, newest first').action(
    (options: PrintOptions) => cli.perform(options, () => list(cli)),
  );
  verb(invite, 'cancel', 'cancel an invite, and the pairing that it has led to unless that is complete')
    .argument('<id>', 'id of the invite; invite list shows it')
    .action((id: string, options: PrintOptions) => cli.perform(options, () => cancel(cli, id)));
}
