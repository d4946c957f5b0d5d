import type { Alias } from '../core/alias.ts';
import { isPlain, parseContent, type Content } from '../core/content.ts';
import {
  parseConversationId,
  parseMessageId,
  parseTaskId,
  parseText,
  type ConversationId,
  type MessageId,
  type TaskId,
} from '../core/message.ts';
import { problemLine, type Parsed } from '../core/parsed.ts';
import { MESSAGE_EXTENSION } from '../core/peer-wire.ts';
import { Refusal } from './refusal.ts';
import { readSendParams } from './send-params.ts';
import { splitParts } from './sent-parts.ts';

/** What a SendMessage asks for, in our own words: nothing of the request travels further than this. */
export interface SentMessage {
  readonly messageId: MessageId;
  /** Null when the sender leaves it to us to begin a conversation. */
  readonly conversation: ConversationId | null;
  readonly taskId: TaskId | null;
  readonly referenceTaskIds: readonly TaskId[];
  readonly text: string;
  readonly content: Content;
  readonly hop: number;
  /** Null when the sender leaves it to us. */
  readonly ttlMs: number | null;
  readonly returnImmediately: boolean;
}

function orRefuse<T>(value: Parsed<T>): T {
  if (!value.ok) throw new Refusal('params-invalid', problemLine(value.problem));
  return value.value;
}

export interface TextLimit {
  readonly textBytes: number;
}

/** Text parts as one text. Throws Refusal `text-empty`, `text-too-long`, `params-invalid`. */
export function readText(parts: readonly string[], where: string, limits: TextLimit): string {
  const text = parts.join('\n');
  if (text.trim() === '') throw new Refusal('text-empty');
  const bytes = Buffer.byteLength(text);
  if (bytes > limits.textBytes)
    throw new Refusal('text-too-long', `${bytes} bytes, the limit is ${limits.textBytes}`);
  return orRefuse(parseText(text, where));
}

/** Throws Refusal with what is wrong with the parameters of a SendMessage, and where. */
export function readSentMessage(params: unknown, limits: TextLimit): SentMessage {
  const { message, configuration } = readSendParams(params);
  const { contextId, taskId, referenceTaskIds = [], metadata } = message;
  const { hop = 0, ttlSeconds, kind, fields } = metadata?.[MESSAGE_EXTENSION] ?? {};
  const { texts, context } = splitParts(message.parts);
  return {
    messageId: orRefuse(parseMessageId(message.messageId, 'params.message.messageId')),
    conversation:
      contextId === undefined ? null : orRefuse(parseConversationId(contextId, 'params.message.contextId')),
    taskId: taskId === undefined ? null : orRefuse(parseTaskId(taskId, 'params.message.taskId')),
    referenceTaskIds: referenceTaskIds.map((id) =>
      orRefuse(parseTaskId(id, 'params.message.referenceTaskIds')),
    ),
    text: readText(texts, 'params.message.parts', limits),
    content: orRefuse(parseContent({ kind, fields, context }, 'params.message.')),
    hop,
    ttlMs: ttlSeconds === undefined ? null : ttlSeconds * 1000,
    returnImmediately: configuration?.returnImmediately ?? false,
  };
}

/**
 * What tells a request that comes again from another one under its id: what the sender sent, not what we filled in. A plain
 * one is written as before there were kinds, since it may have come before.
 */
export function sentContent(
  alias: Alias,
  { conversation, text, content }: Pick<SentMessage, 'conversation' | 'text' | 'content'>,
): string {
  const plain = [alias, conversation, text];
  return JSON.stringify(isPlain(content) ? plain : [...plain, content]);
}
