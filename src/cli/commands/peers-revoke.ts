import type { Command } from 'commander';
import type { NodeView, PeerView } from '../../local-server/peer-views.ts';
import { part, verb, type Cli } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';

interface Options extends PrintOptions {
  readonly yes?: true;
}

interface Revoked {
  readonly peer: PeerView;
  readonly ended: { readonly outbound: number; readonly inbound: number };
  /** Null when it is not on the tailnet any more, or tailscaled cannot be asked. */
  readonly node: NodeView | null;
}

const messages = (count: number) => (count === 1 ? '1 message' : `${count} messages`);

function tailnetLines({ node, peer }: Revoked): readonly string[] {
  const [still, named] =
    node === null
      ? ['If its node is still on the tailnet', `node id ${peer.nodeId}`]
      : ['Its node is still on the tailnet', `${node.dnsName} (${node.ipv4 ?? 'no address'})`];
  return [
    `${still}, where it can do what the tailnet's policy lets it. To take it off: ${named}`,
    '  Tailscale, a node of your tailnet: admin console, Machines, that machine, Remove',
    '  Tailscale, a node that was shared with you: the same; and stop sharing yours: Machines, your machine, Share',
    '  headscale: headscale nodes list shows its ID, in the row with that address; headscale nodes delete --identifier ID',
  ];
}

function wordsOf(revoked: Revoked): string {
  const { name } = revoked.peer;
  const { outbound, inbound } = revoked.ended;
  return [
    `${name} is revoked: its connections are cut, its grants and both tokens are gone.`,
    `Ended: ${messages(outbound)} to ${name}, ${messages(inbound)} from ${name}.`,
    ...tailnetLines(revoked),
  ].join('\n');
}

async function revoke(cli: Cli, name: string, { yes }: Options): Promise<Outcome> {
  if (yes !== true)
    await confirm(cli.io, `End ${name}? Its grants, tokens and open messages go; to undo it, pair anew.`);
  const answer = await cli.connect().post<Revoked>(`/peers/${part(name)}/revoke`, {}, 30_000);
  return { json: answer, text: '', note: wordsOf(answer) };
}

export function addPeersRevoke(peers: Command, cli: Cli): void {
  verb(peers, 'revoke', 'end a peer at once')
    .argument('<name>', 'name of the peer')
    .option('--yes', 'do not ask')
    .action((name: string, options: Options) => cli.perform(options, () => revoke(cli, name, options)));
}
