import type { Command } from 'commander';
import type { ListedPeerView, PeerDetailView, PeerView } from '../../local-server/peer-views.ts';
import { part, verb, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { detailLines, endOf, todoOf } from '../peer-words.ts';
import { readSecret } from '../secret-input.ts';
import { table } from '../table.ts';
import { addPeersAdd } from './peers-add.ts';
import { addPeersConfirm } from './peers-confirm.ts';
import { addPeersExport } from './peers-export.ts';
import { addPeersRebind } from './peers-rebind.ts';
import { addPeersReplyMode } from './peers-reply-mode.ts';
import { addPeersRevoke } from './peers-revoke.ts';
import { addPeersRotate } from './peers-rotate.ts';

const HEAD = ['NAME', 'STATE', 'NODE', 'LOGIN', 'TOKEN FOR IT', 'END', 'TO DO'];

async function storeToken(cli: Cli, name: string, file: string | undefined): Promise<Outcome> {
  const token = await readSecret(cli.io, file, '--file', `Token that ${name}'s owner gave you`);
  const stored = await cli.connect().put<object>(`/peers/${part(name)}/token`, { token });
  return { json: stored, text: '', note: `Stored. Messages to ${name} can be sent now.` };
}

function rowOf(peer: ListedPeerView): readonly string[] {
  const token = peer.hasOutboundToken ? 'stored' : 'missing';
  const end = endOf(peer);
  return [peer.name, peer.state, peer.nodeId, peer.login, token, end === '' ? 'never' : end, todoOf(peer)];
}

async function list(cli: Cli): Promise<Outcome> {
  const answer = await cli.connect().get<{ peers: readonly ListedPeerView[] }>('/peers');
  if (answer.peers.length === 0)
    return { json: answer, text: '', note: 'No peers yet; see agent-peer invite create.' };
  return { json: answer, text: table(HEAD, answer.peers.map(rowOf), 0) };
}

async function show(cli: Cli, name: string): Promise<Outcome> {
  const detail = await cli.connect().get<PeerDetailView>(`/peers/${part(name)}`);
  return { json: detail, text: detailLines(detail).join('\n') };
}

async function rename(cli: Cli, name: string, to: string): Promise<Outcome> {
  const answer = await cli.connect().post<{ peer: PeerView }>(`/peers/${part(name)}/rename`, { to });
  return { json: answer, text: '', note: `${name} is called ${answer.peer.name} here now.` };
}

function addSmallOnes(peers: Command, cli: Cli): void {
  verb(peers, 'token', "store the token that the peer's owner gave you (from stdin, a file, or typed)")
    .argument('<name>', 'name of the peer')
    .option('--file <path>', 'file with the token')
    .action((name: string, options: PrintOptions & { readonly file?: string }) =>
      cli.perform(options, () => storeToken(cli, name, options.file)),
    );
  verb(peers, 'list', 'list the peers').action((options: PrintOptions) =>
    cli.perform(options, () => list(cli)),
  );
  verb(peers, 'show', 'show everything about one peer')
    .argument('<name>', 'name of the peer')
    .action((name: string, options: PrintOptions) => cli.perform(options, () => show(cli, name)));
  verb(peers, 'rename', 'call a peer something else here; the peer is not told')
    .argument('<name>', 'name of the peer')
    .argument('<new>', 'its new name')
    .action((name: string, to: string, options: PrintOptions) =>
      cli.perform(options, () => rename(cli, name, to)),
    );
}

export function addPeers(program: Command, cli: Cli): void {
  const peers = program.command('peers').description('the stacks this one is paired with');
  addPeersAdd(peers, cli);
  addSmallOnes(peers, cli);
  addPeersConfirm(peers, cli);
  addPeersRotate(peers, cli);
  addPeersRevoke(peers, cli);
  addPeersRebind(peers, cli);
  addPeersReplyMode(peers, cli);
  addPeersExport(peers, cli);
}
