import { codeSpan, fenced } from '../core/markdown.ts';
import type { LoggedView } from '../local-server/log-views.ts';
import type { ConversationView } from '../local-server/routes/conversation-log.ts';
import { heldWords } from './held-words.ts';

/** States in which nobody has to look at the reply any more. */
const REPLIED = ['answered', 'replied'];

function heading({ direction, peer, alias, createdAt }: LoggedView): string {
  return direction === 'outbound'
    ? `### ${createdAt}, to ${peer}, alias ${alias}`
    : `### ${createdAt}, from ${peer}, alias ${alias}`;
}

/** The id that the answered message has in this log; its task, where it is not among what is told. */
function answeredId(task: string, all: readonly LoggedView[]): string {
  return all.find(({ direction, taskId }) => direction === 'inbound' && taskId === task)?.id ?? task;
}

function facts(message: LoggedView, all: readonly LoggedView[]): string {
  const { id, inReplyTo, kind, state, hold, reason, detail, updatedAt } = message;
  const why = reason === null ? '' : ` (${codeSpan(reason)})`;
  const lines = [`- ${kind} ${codeSpan(id)}`, `- ${state}${why} since ${updatedAt}`];
  if (inReplyTo !== null)
    lines.push(`- the reply to ${codeSpan(answeredId(inReplyTo, all))}, sent back as a message`);
  if (hold !== null) lines.push(`- ${heldWords(hold, message)}`);
  if (detail !== null) lines.push(`- ${codeSpan(detail)}`);
  return lines.join('\n');
}

function contextBlocks({ context }: LoggedView): readonly string[] {
  return context.flatMap((part) => [
    'Context:',
    part.type === 'text' ? fenced(part.text) : fenced(JSON.stringify(part.value, null, 2), 'json'),
  ]);
}

function saidBlocks(message: LoggedView): readonly string[] {
  const { text, fields } = message;
  if (text === null) return ['*What was said was erased when it was old.*'];
  const named = Object.entries(fields).flatMap(([name, value]) => [
    `${codeSpan(name)}:`,
    fenced(String(value)),
  ]);
  return [fenced(text), ...named, ...contextBlocks(message)];
}

function replyBlocks({ direction, peer, state, text, reply }: LoggedView): readonly string[] {
  const whose = direction === 'outbound' ? `Reply of ${peer}` : `Reply to ${peer}`;
  if (reply !== null) {
    return [REPLIED.includes(state) ? `${whose}:` : `${whose}, which nobody has approved:`, fenced(reply)];
  }
  return REPLIED.includes(state) && text !== null ? [`${whose}: none was sent.`] : [];
}

function messageBlocks(message: LoggedView, all: readonly LoggedView[]): readonly string[] {
  return [heading(message), facts(message, all), ...saidBlocks(message), ...replyBlocks(message)];
}

/** An id names a conversation within one peer only: another peer's under the same id is another one. */
function ofPeer(peer: string, messages: readonly LoggedView[]): readonly string[] {
  return [
    `## With ${peer}`,
    ...messages.filter((one) => one.peer === peer).flatMap((one) => messageBlocks(one, messages)),
  ];
}

/**
 * One conversation as a person reads it, oldest first: both sides' words, what became of each message, and when. Whatever
 * the words are, they stay words: no text can look like a heading, or like another message.
 */
export function conversationMarkdown({ conversation, isWhole, messages }: ConversationView): string {
  const peers = [...new Set(messages.map(({ peer }) => peer))];
  const cut = isWhole ? [] : ['*There is more: these are the newest messages.*'];
  const blocks = peers.flatMap((peer) => ofPeer(peer, messages));
  return [`# Conversation ${codeSpan(conversation)}`, ...cut, ...blocks].join('\n\n');
}
