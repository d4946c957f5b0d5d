import type { Command } from 'commander';
import type { PeerView } from '../../local-server/peer-views.ts';
import { part, verb, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { repliesWords } from '../peer-words.ts';
import { repliesWish } from '../replies-wish.ts';

interface Options extends PrintOptions {
  readonly port?: string;
}

async function setReplyMode(cli: Cli, name: string, mode: string, { port }: Options): Promise<Outcome> {
  const wish = repliesWish(mode, port) ?? {};
  const answer = await cli.connect().put<{ peer: PeerView }>(`/peers/${part(name)}/reply-mode`, wish);
  return { json: answer, text: '', note: `${name}: ${repliesWords(answer.peer)}.` };
}

export function addPeersReplyMode(peers: Command, cli: Cli): void {
  verb(
    peers,
    'reply-mode',
    'say how a peer gets its replies: task, or send-back for an OpenClaw without agent-peer',
  )
    .argument('<name>', 'name of the peer')
    .argument('<mode>', 'task or send-back')
    .option('--port <n>', 'with send-back: where its gateway listens; 18789 is meant without it')
    .action((name: string, mode: string, options: Options) =>
      cli.perform(options, () => setReplyMode(cli, name, mode, options)),
    );
}
