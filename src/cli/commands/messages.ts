import type { Command } from 'commander';
import { AgentPeerError } from '../../errors.ts';
import type { ListedMessageView, MessageView, WholeMessageView } from '../../local-server/views.ts';
import { part, verb, wholeNumber, type Cli } from '../command.ts';
import { heldWords } from '../held-words.ts';
import { DEFAULT_WAIT_SECONDS, settle, waitedOutcome } from '../message.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { oneLine, table } from '../table.ts';
import { addMessagesExport } from './messages-export.ts';

/** An attempt that is under way is waited for, and then the peer is asked. */
const CANCEL_MS = 60_000;

const HEAD = ['CREATED', '', 'PEER', 'ALIAS', 'STATE', 'ID', 'TEXT'];

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
    text: table(HEAD, answer.messages.map(rowOf), HEAD.indexOf('ID')),
  };
}

/** Of a plain message its text alone. */
function contentLines({ kind, fields, text, erasedAt, context }: WholeMessageView): readonly string[] {
  const named = Object.entries(fields as Readonly<Record<string, string | number>>);
  const parts = context.map((part, at) => {
    const body = part.type === 'text' ? part.text : JSON.stringify(part.value, null, 2);
    return `context ${at + 1} of ${context.length} (${part.type})\n${body}`;
  });
  return [
    ...(kind === 'message' ? [] : [`kind          ${kind}`]),
    ...named.map(([name, value]) => `${name.padEnd(13)} ${value}`),
    ...(erasedAt === null ? ['text', text] : []),
    ...parts,
  ];
}

function replyLines({ answer, reply }: WholeMessageView): readonly string[] {
  const because = answer?.reason === null || answer === null ? '' : `: ${answer.reason}`;
  return [
    ...(answer === null ? [] : [`answer        ${answer.kind}${because}`]),
    ...(reply === null ? [] : ['reply', reply]),
  ];
}

function shown(message: WholeMessageView): Outcome {
  const lines = [
    `id            ${message.id}`,
    `to            ${message.peer}, alias ${message.alias}`,
    `conversation  ${message.conversation}`,
    `state         ${message.state}${message.reason === null ? '' : ` (${message.reason})`}, attempts: ${message.attempts}`,
    `created       ${message.createdAt}, updated ${message.updatedAt}`,
  ];
  if (message.hold !== null) lines.push(`held          ${heldWords(message.hold, message)}`);
  if (message.detail !== null) lines.push(`detail        ${message.detail}`);
  lines.push(...contentLines(message));
  if (message.erasedAt !== null) lines.push(`erased        ${message.erasedAt}, what was said in it`);
  else lines.push(...replyLines(message));
  return { json: message, text: lines.join('\n') };
}

async function show(cli: Cli, id: string, wait: true | number | undefined): Promise<Outcome> {
  const api = cli.connect();
  const message = await api.get<WholeMessageView>(`/messages/${part(id)}`);
  if (wait === undefined) return shown(message);
  const seconds = wait === true ? DEFAULT_WAIT_SECONDS : wait;
  return waitedOutcome(await settle(api, message, performance.now() + seconds * 1000));
}

async function retry(cli: Cli, id: string | undefined, peer: string | undefined): Promise<Outcome> {
  if (id !== undefined && peer !== undefined) {
    throw new AgentPeerError('input-invalid', 'an id and --peer are both given', 'Give one of them');
  }
  const answer = await cli.connect().post<{ peers: readonly string[] }>('/messages/retry', { id, peer });
  const { peers } = answer;
  if (peers.length === 0) return { json: answer, text: '', note: 'Nothing waits.' };
  return { json: answer, text: '', note: `Trying now what waits for: ${peers.join(', ')}` };
}

async function cancel(cli: Cli, id: string): Promise<Outcome> {
  const message = await cli.connect().post<MessageView>(`/messages/${part(id)}/cancel`, {}, CANCEL_MS);
  const note = `Message ${message.id} is cancelled: ${message.detail ?? ''}`;
  return { json: message, text: '', note };
}

function addControl(messages: Command, cli: Cli): void {
  verb(messages, 'retry', 'try what waits now, one message or all')
    .argument('[id]', 'id of a message; what else waits for its peer is tried with it')
    .option('--peer <peer>', 'what waits for this peer')
    .action((id: string | undefined, options: PrintOptions & { readonly peer?: string }) =>
      cli.perform(options, () => retry(cli, id, options.peer)),
    );
  verb(messages, 'cancel', 'take back a message that no agent has seen yet')
    .argument('<id>', 'id of the message')
    .action((id: string, options: PrintOptions) => cli.perform(options, () => cancel(cli, id)));
}

export function addMessages(program: Command, cli: Cli): void {
  const messages = program.command('messages').description('what was written to peers, and by peers');
  verb(messages, 'list', 'list messages, newest first', true)
    .option('--limit <n>', 'how many', wholeNumber(1, 200), 20)
    .action((options: PrintOptions & { readonly limit: number }) =>
      cli.perform(options, () => list(cli, options.limit)),
    );
  verb(messages, 'show', 'show one message that was sent')
    .argument('<id>', 'id of the message')
    .option(
      '--wait [seconds]',
      `wait for the reply, ${DEFAULT_WAIT_SECONDS} seconds if not said otherwise`,
      wholeNumber(1, 86_400),
    )
    .action((id: string, options: PrintOptions & { readonly wait?: true | number }) =>
      cli.perform(options, () => show(cli, id, options.wait)),
    );
  addControl(messages, cli);
  addMessagesExport(messages, cli);
}
