import { parseContent, type Content } from '../core/content.ts';
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
import type { PeerServerLimits } from './limits.ts';
import { Refusal } from './refuse.ts';
import { readSendParams } from './send-params.ts';
import { splitParts } from './sent-parts.ts';

/** A peer's message in our own words: nothing of the request travels further than this. */
export interface IncomingMessage {
  readonly messageId: MessageId;
  /** Null when the sender leaves it to us to begin a conversation. */
  readonly conversation: ConversationId | null;
  readonly taskId: TaskId | null;
  readonly referenceTaskIds: readonly TaskId[];
  readonly text: string;
  readonly content: Content;
  readonly hop: number;
  readonly ttlMs: number;
  readonly returnImmediately: boolean;
}

function orRefuse<T>(value: Parsed<T>): T {
  if (!value.ok) throw new Refusal('params-invalid', problemLine(value.problem));
  return value.value;
}

/** Text parts as one text. Throws Refusal `text-empty`, `text-too-long`, `params-invalid`. */
export function readText(parts: readonly string[], where: string, limits: PeerServerLimits): string {
  const text = parts.join('\n');
  if (text.trim() === '') throw new Refusal('text-empty');
  const bytes = Buffer.byteLength(text);
  if (bytes > limits.textBytes)
    throw new Refusal('text-too-long', `${bytes} bytes, the limit is ${limits.textBytes}`);
  return orRefuse(parseText(text, where));
}

/** Throws Refusal with what is wrong with the parameters of a SendMessage, and where. */
export function readIncomingMessage(params: unknown, limits: PeerServerLimits): IncomingMessage {
  const { message, configuration } = readSendParams(params);
  const { contextId, taskId, referenceTaskIds = [], metadata } = message;
  const { hop = 0, ttlSeconds, kind, fields } = metadata?.[MESSAGE_EXTENSION] ?? {};
  const { texts, context } = splitParts(message.parts);
  const wishedMs = ttlSeconds === undefined ? limits.defaultTtlMs : ttlSeconds * 1000;
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
    ttlMs: Math.min(wishedMs, limits.maxTtlMs),
    returnImmediately: configuration?.returnImmediately ?? false,
  };
}
