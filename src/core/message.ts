import type { Brand } from './brand.ts';
import { parsed, problem, type Parsed } from './parsed.ts';

/** Chosen by the sender; the idempotency key within one pair of stacks. */
export type MessageId = Brand<string, 'MessageId'>;

/** A2A `contextId`: groups the messages of one exchange. Meaningful only within one peer. */
export type ConversationId = Brand<string, 'ConversationId'>;

/** Ours, made when an inbound message is stored; unguessable. */
export type TaskId = Brand<string, 'TaskId'>;

/** UTF-8 bytes of message text. */
export const TEXT_LIMIT_BYTES = 64 * 1024;

/** Machines a message has crossed before this one; a chain longer than this is a loop. */
export const HOP_LIMIT = 4;

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

export function parseMessageId(raw: string, where = 'messageId'): Parsed<MessageId> {
  if (!ID.test(raw)) return problem(where, 'not a message id', 'Use 1 to 128 of A-Z a-z 0-9 . _ : -');
  return parsed(raw as MessageId);
}

export function parseConversationId(raw: string, where = 'contextId'): Parsed<ConversationId> {
  if (!ID.test(raw)) return problem(where, 'not a conversation id', 'Use 1 to 128 of A-Z a-z 0-9 . _ : -');
  return parsed(raw as ConversationId);
}

export function parseTaskId(raw: string, where = 'id'): Parsed<TaskId> {
  if (!ID.test(raw)) return problem(where, 'not a task id', 'Use the id that SendMessage answered');
  return parsed(raw as TaskId);
}

export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** Text that a model can be shown: something other than white space, within the limit, no NUL, no half characters. */
export function parseText(raw: string, where = 'text'): Parsed<string> {
  if (raw.trim() === '') return problem(where, 'is empty', 'Say something');
  if (!raw.isWellFormed())
    return problem(where, 'is not valid Unicode', 'Send UTF-8 text without lone surrogates');
  if (raw.includes('\0')) return problem(where, 'contains a NUL character', 'Remove it');
  const bytes = utf8Bytes(raw);
  if (bytes > TEXT_LIMIT_BYTES) {
    return problem(where, `is ${bytes} bytes long`, `Shorten it to ${TEXT_LIMIT_BYTES} bytes`);
  }
  return parsed(raw);
}
