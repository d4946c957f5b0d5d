import type { Command } from 'commander';
import type { PeerView } from '../../local-server/peer-views.ts';
import { mustBeAskable } from '../ask-yes.ts';
import { part, verb, type Cli } from '../command.ts';
import { confirm } from '../confirm.ts';
import { speaker, type Outcome, type PrintOptions } from '../outcome.ts';
import { row } from '../peer-words.ts';

interface Options extends PrintOptions {
  readonly node: string;
  readonly yes?: true;
}

interface Rebound {
  readonly before: PeerView;
  readonly after: PeerView;
}

function linesOf({ before, after }: Rebound): readonly string[] {
  const lines = [
    `${before.name} moves, with its tokens and grants:`,
    row('from', `node ${before.nodeId} of ${before.login}`),
    row('to', `node ${after.nodeId} of ${after.login}`),
  ];
  if (before.login === after.login) return lines;
  return [...lines, `warning: the new node belongs to another login. Is it still the same person?`];
}

async function rebind({ io, connect }: Cli, name: string, options: Options): Promise<Outcome> {
  if (options.yes !== true) mustBeAskable(io);
  const api = connect();
  const path = `/peers/${part(name)}/rebind`;
  const wished = await api.post<Rebound>(path, { node: options.node, dryRun: true });
  speaker(io, options)(linesOf(wished).join('\n'));
  if (options.yes !== true) await confirm(io, `Move ${name}?`);
  // By the id that was shown: a name can come to be another node's meanwhile.
  const answer = await api.post<Rebound>(path, { node: wished.after.nodeId, dryRun: false });
  return { json: answer, text: '', note: `${name} is bound to node ${answer.after.nodeId} now.` };
}

export function addPeersRebind(peers: Command, cli: Cli): void {
  verb(peers, 'rebind', 'bind a peer to another node, when its machine was replaced')
    .argument('<name>', 'name of the peer')
    .requiredOption('--node <node>', 'its new node: node id, host name, MagicDNS name or 100.x address')
    .option('--yes', 'do not ask')
    .action((name: string, options: Options) => cli.perform(options, () => rebind(cli, name, options)));
}
