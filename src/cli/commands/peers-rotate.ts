import type { Command } from 'commander';
import { AgentPeerError } from '../../errors.ts';
import type { OwnersPeerView } from '../../local-server/peer-views.ts';
import { part, verb, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';

interface Rotated {
  readonly peer: OwnersPeerView;
  readonly rotation: 'complete' | 'pending';
}

/** The other stack is asked, and may be slow to find. */
const ROTATION_MS = 90_000;

async function rotate(cli: Cli, name: string): Promise<Outcome> {
  const answer = await cli.connect().post<Rotated>(`/peers/${part(name)}/rotate`, {}, ROTATION_MS);
  if (answer.rotation === 'complete')
    return { json: answer, text: '', note: `The tokens between ${name} and this stack are new, both ways.` };
  const what = `${name} has not taken its new token yet`;
  const fix = `It goes on by itself, and the old tokens are good until then. Look with: agent-peer peers show ${name}`;
  return { json: answer, text: '', error: new AgentPeerError('rotation-pending', what, fix) };
}

export function addPeersRotate(peers: Command, cli: Cli): void {
  verb(peers, 'rotate', 'exchange the tokens of both directions for new ones; no message is lost')
    .argument('<name>', 'name of the peer')
    .action((name: string, options: PrintOptions) => cli.perform(options, () => rotate(cli, name)));
}
