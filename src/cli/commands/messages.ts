import type { Command } from 'commander';
import type { ListedMessageView, MessageView } from '../../local-server/views.ts';
import { part, verb, wholeNumber, type Cli } from '../command.ts';
import { DEFAULT_WAIT_SECONDS, settle, waitedOutcome } from '../message.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { table } from '../table.ts';

const TEXT_COLUMNS = 48;

function oneLine(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > TEXT_COLUMNS ? `${line.slice(0, TEXT_COLUMNS - 3)}...` : line;
}

function rowOf(message: ListedMessageView): readonly string[] {
  const { direction, createdAt, peer, alias, state, id, text, erasedAt } = message;
  const shownText = erasedAt === null ? oneLine(text) : '(erased)';
  return [createdAt, direction === 'outbound' ? 'to' : 'from', peer, alias, state, id, shownText];
}

async function list(cli: Cli, limit: number): Promise<Outcome> {
  const answer = await cli
    .connect()
    .get<{ messages: readonly ListedMessageView[] }>(`/messages?limit=${limit}`);
  if (answer.messages.length === 0) return { json: answer, text: '', note: 'No messages yet.' };
  return {
    json: answer,
    text: table(['CREATED', '', 'PEER', 'ALIAS', 'STATE', 'ID', 'TEXT'], answer.messages.map(rowOf)),
  };
}

function shown(message: MessageView): Outcome {
  const lines = [
    `id            ${message.id}`,
    `to            ${message.peer}, alias ${message.alias}`,
    `conversation  ${message.conversation}`,
    `state         ${message.state}${message.reason === null ? '' : ` (${message.reason})`}, attempts: ${message.attempts}`,
    `created       ${message.createdAt}, updated ${message.updatedAt}`,
  ];
  if (message.detail !== null) lines.push(`detail        ${message.detail}`);
  if (message.erasedAt !== null) lines.push(`erased        ${message.erasedAt}, what was said in it`);
  else if (message.reply !== null) lines.push('reply', message.reply);
  return { json: message, text: lines.join('\n') };
}

async function show(cli: Cli, id: string, wait: true | number | undefined): Promise<Outcome> {
  const api = cli.connect();
  const message = await api.get<MessageView>(`/messages/${part(id)}`);
  if (wait === undefined) return shown(message);
  const seconds = wait === true ? DEFAULT_WAIT_SECONDS : wait;
  return waitedOutcome(await settle(api, message, performance.now() + seconds * 1000));
}

export function addMessages(program: Command, cli: Cli): void {
  const messages = verb(program, 'messages', 'list messages, newest first')
    .option('--limit <n>', 'how many', wholeNumber(1, 200, ''), 20)
    .action((options: PrintOptions & { readonly limit: number }) =>
      cli.perform(options, () => list(cli, options.limit)),
    );
  verb(messages, 'show', 'show one message that was sent')
    .argument('<id>', 'id of the message')
    .option(
      '--wait [seconds]',
      `wait for the reply, ${DEFAULT_WAIT_SECONDS} seconds if not said otherwise`,
      wholeNumber(1, 86_400, ''),
    )
    .action((id: string, options: PrintOptions & { readonly wait?: true | number }) =>
      cli.perform(options, () => show(cli, id, options.wait)),
    );
}
