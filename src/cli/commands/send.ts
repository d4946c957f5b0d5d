import type { Command } from 'commander';
import type { SentMessageView } from '../../local-server/views.ts';
import { addContentOptions, readContent, type ContentOptions } from '../content-options.ts';
import { verb, wholeNumber, type Cli } from '../command.ts';
import { awaiting, DEFAULT_WAIT_SECONDS, settle, sliceOf, waitedOutcome } from '../message.ts';
import { warningLines } from '../offer-options.ts';
import { printLines, type Outcome, type PrintOptions } from '../outcome.ts';
import { readText } from '../text-input.ts';

interface Options extends PrintOptions, ContentOptions {
  readonly file?: string;
  readonly wait?: true | number;
  readonly conversation?: string;
  readonly ttl?: string;
  readonly replyToSession?: true;
}

function handedOver(message: SentMessageView): Outcome {
  const note = `Message ${message.state}. Its reply: agent-peer messages show ${message.id} --wait`;
  return { json: message, text: message.id, note };
}

async function send(
  cli: Cli,
  peer: string,
  alias: string,
  words: readonly string[],
  options: Options,
): Promise<Outcome> {
  const text = await readText(cli.io, { words, file: options.file });
  const content = readContent(options);
  const seconds = options.wait === true ? DEFAULT_WAIT_SECONDS : (options.wait ?? 0);
  const deadline = performance.now() + seconds * 1000;
  const api = cli.connect();
  const { conversation, ttl, replyToSession } = options;
  const rest = { conversation, ttl, replyToSession, waitSeconds: sliceOf(seconds) };
  const draft = { peer, alias, text, ...content, ...rest };
  const post = () => api.post<SentMessageView>('/messages', draft, sliceOf(seconds) * 1000);
  const sent = await (options.wait === undefined ? post() : awaiting(api, peer, post));
  const { warnings } = sent;
  if (options.json !== true && options.quiet !== true)
    printLines(cli.io.stderr, warningLines(warnings).join('\n'));
  if (options.wait === undefined) return handedOver(sent);
  const settled = await settle(api, sent, deadline);
  return { ...waitedOutcome(settled), json: { ...settled, warnings } };
}

export function addSend(program: Command, cli: Cli): void {
  const seconds = wholeNumber(1, 86_400, 'A text must stand before --wait.');
  const command = verb(program, 'send', 'send a message to a peer')
    .argument('<peer>', 'name of the peer')
    .argument('<alias>', 'what the peer calls the session, for example inbox')
    .argument('[text...]', 'the message; without it, or with "-", it is read from stdin')
    .option('--file <path>', 'read the message from a file')
    .option(
      '--wait [seconds]',
      `wait for the reply, ${DEFAULT_WAIT_SECONDS} seconds if not said otherwise`,
      seconds,
    )
    .option('--conversation <id>', 'go on with an earlier conversation')
    .option('--ttl <duration>', 'how long it is offered to a peer that is away, from 1m to 30d')
    .option('--reply-to-session', 'have the reply put into the session that the owner listed for that');
  addContentOptions(command).action((peer: string, alias: string, words: string[], options: Options) =>
    cli.perform(options, () => send(cli, peer, alias, words, options)),
  );
}
