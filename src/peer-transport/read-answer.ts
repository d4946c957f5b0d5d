import { A2A_ERROR_CODE } from '@a2a-js/sdk/errors';
import { Failure, refusalWord } from '../a2a/failure.ts';
import type { OutboxEvent } from '../core/outbox.ts';
import { isPassing, isRefusalReason } from '../core/refusal.ts';
import type { JsonValue } from '../core/strict-json.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import { Result, textOf } from './answer-shapes.ts';
import { decode } from './decode-answer.ts';
import type { PostAnswer } from './post.ts';
import { taskEvent } from './read-task.ts';
import { readRetryAfter } from './retry-after.ts';
import { Undelivered } from './undelivered.ts';

const TRY_LATER = new Set([408, 425, 429]);

function resultEvent(json: JsonValue, message: OutboxMessage): OutboxEvent {
  const answer = Result.safeParse(json);
  if (!answer.success) throw new Undelivered('answer-not-understood: it is no A2A 1.0 answer');
  if (answer.data.id !== message.id) throw new Undelivered('answer-not-understood: it is to another request');
  const { task, message: direct } = answer.data.result;
  if (task !== undefined) return taskEvent(task, message);
  if (direct === undefined) throw new Undelivered('answer-not-understood: neither task nor message');
  return { kind: 'replied', taskId: direct.taskId ?? direct.messageId, reply: textOf(direct.parts) };
}

/** A word of ours that we do not know comes from a newer peer: the HTTP status says whether it may pass. */
function refusalEvent(word: string, status: number): OutboxEvent {
  if (isRefusalReason(word)) {
    return isPassing(word)
      ? { kind: 'not-delivered', detail: `${word}: the peer cannot take it now` }
      : { kind: 'refused', reason: word, detail: `the peer refused it: ${word}` };
  }
  if (status >= 500 || TRY_LATER.has(status))
    return { kind: 'not-delivered', detail: `peer-busy: HTTP ${status}` };
  return {
    kind: 'refused',
    reason: 'unknown',
    detail: `the peer refused it for a reason unknown here (HTTP ${status})`,
  };
}

function failureEvent(json: JsonValue, status: number, message: OutboxMessage): OutboxEvent | null {
  const answer = Failure.safeParse(json);
  if (!answer.success) return null;
  const { id = null, error } = answer.data;
  if (id !== null && id !== message.id)
    throw new Undelivered('answer-not-understood: it is to another request');
  const word = refusalWord(error.data);
  if (word !== null) return refusalEvent(word, status);
  if (status >= 500 || TRY_LATER.has(status) || error.code === A2A_ERROR_CODE.INTERNAL_ERROR) {
    return { kind: 'not-delivered', detail: `peer-failed: HTTP ${status}, JSON-RPC ${error.code}` };
  }
  return {
    kind: 'refused',
    reason: 'unknown',
    detail: `the peer refused it: HTTP ${status}, JSON-RPC ${error.code}`,
  };
}

function tryFailure(body: Buffer, status: number, message: OutboxMessage): OutboxEvent | null {
  try {
    return failureEvent(decode(body), status, message);
  } catch (error) {
    if (error instanceof Undelivered) return null;
    throw error;
  }
}

function eventOf({ status, body }: PostAnswer, message: OutboxMessage): OutboxEvent {
  if (status >= 300 && status < 400) throw new Undelivered(`redirect-refused: HTTP ${status}`);
  if (status === 200) {
    const json = decode(body);
    return failureEvent(json, status, message) ?? resultEvent(json, message);
  }
  if (status < 400) throw new Undelivered(`answer-not-understood: HTTP ${status}`);
  const refused = tryFailure(body, status, message);
  if (refused !== null) return refused;
  if (status !== 401 && status !== 403) throw new Undelivered(`answer-not-understood: HTTP ${status}`);
  return { kind: 'refused', reason: 'unknown', detail: `the peer refused our token: HTTP ${status}` };
}

/** What is no answer to the message at all keeps it, because what speaks there may not be the peer's stack. */
function eventOrKept(answer: PostAnswer, message: OutboxMessage): OutboxEvent {
  try {
    return eventOf(answer, message);
  } catch (error) {
    if (error instanceof Undelivered) return { kind: 'not-delivered', detail: error.detail };
    throw error;
  }
}

/** What a peer's answer means for the message. Pure. */
export function readAnswer(answer: PostAnswer, message: OutboxMessage, now: number): OutboxEvent {
  const event = eventOrKept(answer, message);
  const retryAfterMs = readRetryAfter(answer.retryAfter, now);
  return event.kind !== 'not-delivered' || retryAfterMs === null ? event : { ...event, retryAfterMs };
}
