import type { Command } from 'commander';
import { AgentPeerError } from '../../errors.ts';
import type { PeerDetailView } from '../../local-server/peer-views.ts';
import { askYes, mustBeAskable } from '../ask-yes.ts';
import { part, verb, type Cli } from '../command.ts';
import { speaker, type Outcome, type PrintOptions } from '../outcome.ts';
import { completeNote, confirmShown, isComplete, waitingError, type Pairing } from '../pairing-steps.ts';
import { pairingLines } from '../peer-words.ts';

interface Options extends PrintOptions {
  readonly yes?: true;
}

const questionFor = ({ peer }: PeerDetailView): string =>
  peer.state === 'paused' ? `Let ${peer.name} go on?` : `Let ${peer.name} in?`;

function doneNote(pairing: Pairing, before: Pairing): string {
  const { name } = pairing.detail.peer;
  if (before.detail.peer.state === 'active') return `${name} is active: there was nothing to confirm.`;
  if (before.detail.peer.state === 'paused' && isComplete(pairing)) return `${name} goes on.`;
  if (isComplete(pairing)) return completeNote(pairing);
  const { message, fix } = waitingError(pairing);
  return `You have agreed: ${message}. ${fix}`;
}

async function confirm({ io, connect }: Cli, name: string, options: Options): Promise<Outcome> {
  if (options.yes !== true) mustBeAskable(io);
  const api = connect();
  const detail = await api.get<PeerDetailView>(`/peers/${part(name)}`);
  const { peer, pairing } = detail;
  const before: Pairing = { detail, offered: pairing?.offered ?? null };
  if (peer.state === 'provisional' || peer.state === 'paused') {
    speaker(io, options)([`${peer.name} is:`, ...pairingLines(detail, before.offered)].join('\n'));
    if (options.yes !== true && !(await askYes(io, questionFor(detail))))
      throw new AgentPeerError('input-invalid', 'cancelled', 'Nothing was changed');
  }
  const after = await confirmShown(api, before);
  return { json: after.detail, text: '', note: doneNote(after, before) };
}

export function addPeersConfirm(peers: Command, cli: Cli): void {
  verb(peers, 'confirm', 'agree to a pairing that waits for you, or let a paused peer go on')
    .argument('<name>', 'name of the peer')
    .option('--yes', 'do not ask')
    .action((name: string, options: Options) => cli.perform(options, () => confirm(cli, name, options)));
}
