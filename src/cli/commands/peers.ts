import type { Command } from 'commander';
import type { ownersPeerView, peerView } from '../../local-server/views.ts';
import { part, verb, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { readSecret } from '../secret-input.ts';
import { table } from '../table.ts';

interface Added {
  readonly peer: ReturnType<typeof peerView>;
  readonly token: string;
}

function addedNote({ peer }: Added): string {
  return [
    `${peer.name} is now a peer: node ${peer.nodeId} of ${peer.login}. It may write to nothing yet; see agent-peer aliases add.`,
    'Below is the token that it presents to this stack. It is shown this once. Give it to its owner by a safe way;',
    'there it is stored with: agent-peer peers token <your name there>',
  ].join('\n');
}

async function add(cli: Cli, name: string, node: string): Promise<Outcome> {
  const added = await cli.connect().post<Added>('/peers', { name, node });
  return { json: added, text: added.token, note: addedNote(added) };
}

async function storeToken(cli: Cli, name: string, file: string | undefined): Promise<Outcome> {
  const token = await readSecret(cli.io, file, '--file', `Token that ${name}'s owner gave you`);
  const stored = await cli.connect().put<object>(`/peers/${part(name)}/token`, { token });
  return { json: stored, text: '', note: `Stored. Messages to ${name} can be sent now.` };
}

async function list(cli: Cli): Promise<Outcome> {
  const answer = await cli.connect().get<{ peers: readonly ReturnType<typeof ownersPeerView>[] }>('/peers');
  const rows = answer.peers.map((peer) => [
    peer.name,
    peer.state,
    peer.nodeId,
    peer.login,
    peer.hasOutboundToken ? 'stored' : 'missing',
  ]);
  if (rows.length === 0) return { json: answer, text: '', note: 'No peers yet; see agent-peer peers add.' };
  return { json: answer, text: table(['NAME', 'STATE', 'NODE', 'LOGIN', 'TOKEN FOR IT'], rows) };
}

export function addPeers(program: Command, cli: Cli): void {
  const peers = program.command('peers').description('the stacks this one is paired with');
  verb(peers, 'add', 'make a stack a peer and print the token that it presents')
    .argument('<name>', 'what to call it here')
    .requiredOption('--node <node>', 'its tailnet node: node id, host name, MagicDNS name or 100.x address')
    .action((name: string, options: PrintOptions & { readonly node: string }) =>
      cli.perform(options, () => add(cli, name, options.node)),
    );
  verb(peers, 'token', "store the token that the peer's owner gave you (from stdin, a file, or typed)")
    .argument('<name>', 'name of the peer')
    .option('--file <path>', 'file with the token')
    .action((name: string, options: PrintOptions & { readonly file?: string }) =>
      cli.perform(options, () => storeToken(cli, name, options.file)),
    );
  verb(peers, 'list', 'list the peers').action((options: PrintOptions) =>
    cli.perform(options, () => list(cli)),
  );
}
