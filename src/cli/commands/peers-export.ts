import type { Command } from 'commander';
import { peerConfigMarkdown } from '../../pairing/peer-config.ts';
import type { PeerConfig } from '../../ports/peer-config.ts';
import { part, verb, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';

async function exportStack(cli: Cli, name: string | undefined): Promise<Outcome> {
  const path = name === undefined ? '/export' : `/peers/${part(name)}/export`;
  const config = await cli.connect().get<PeerConfig>(path);
  return { json: config, text: peerConfigMarkdown(config) };
}

export function addPeersExport(peers: Command, cli: Cli): void {
  verb(peers, 'export', 'describe this stack for the owner of another one, without a secret')
    .argument('[name]', 'the peer that it is for: then with the aliases that it has here')
    .action((name: string | undefined, options: PrintOptions) =>
      cli.perform(options, () => exportStack(cli, name)),
    );
}
