import { existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { AgentPeerError, messageOf } from '../../errors.ts';
import type { ConversationView } from '../../local-server/routes/conversation-log.ts';
import { part, verb, type Cli } from '../command.ts';
import { conversationMarkdown } from '../conversation-log.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';

interface Options extends PrintOptions {
  readonly conversation: string;
  readonly peer?: string;
  readonly file?: string;
}

function unusable(what: string, cause?: unknown): AgentPeerError {
  const fix = 'Name another file, or take stdout: agent-peer messages export --conversation ID > FILE';
  return new AgentPeerError('input-invalid', what, fix, { cause });
}

/** For its owner alone, and never over something else. */
function writeLog(file: string, text: string): void {
  if (existsSync(file)) throw unusable(`${file} is there already`);
  try {
    writeFileSync(file, `${text}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw unusable(`${file} cannot be written: ${messageOf(error)}`, error);
  }
}

async function exportLog(cli: Cli, { conversation, peer, file }: Options): Promise<Outcome> {
  const ofPeer = peer === undefined ? '' : `&peer=${part(peer)}`;
  const path = `/messages/export?conversation=${part(conversation)}${ofPeer}`;
  const view = await cli.connect().get<ConversationView>(path);
  const text = conversationMarkdown(view);
  if (file === undefined) return { json: view, text };
  writeLog(file, text);
  return { json: { file, messages: view.messages.length }, text: '', note: `Written to ${file}.` };
}

export function addMessagesExport(messages: Command, cli: Cli): void {
  verb(messages, 'export', 'write the log of one conversation as Markdown')
    .requiredOption('--conversation <id>', 'which one')
    .option('--peer <name>', 'only with this peer')
    .option('--file <path>', 'write it to a file that is not there yet')
    .action((options: Options) => cli.perform(options, () => exportLog(cli, options)));
}
