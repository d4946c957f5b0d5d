import { A2A_ERROR_CODE } from '@a2a-js/sdk/errors';
import { Failure } from '../a2a/failure.ts';
import type { JsonValue } from '../core/strict-json.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import { Result, TaskResult, type AnsweredTask } from './answer-shapes.ts';
import { decode } from './decode-answer.ts';
import type { PostAnswer } from './post.ts';
import { Undelivered } from './undelivered.ts';

/* What an OpenClaw's own A2A channel answers, as version 2026.9.6 does. */

/** The channel has one code for three things, and only these words tell them apart. */
const SERVER_ERROR = -32_000;
const RATE_LIMITED = 'Peer is rate limited';
const TOO_LARGE = 'A2A response exceeds the 1 MiB limit';

/** It looks at these before it begins anything. */
const NOTHING_BEGUN = new Set<number>([
  A2A_ERROR_CODE.PARSE_ERROR,
  A2A_ERROR_CODE.INVALID_REQUEST,
  A2A_ERROR_CODE.METHOD_NOT_FOUND,
  A2A_ERROR_CODE.INVALID_PARAMS,
  A2A_ERROR_CODE.UNSUPPORTED_OPERATION,
]);

export type StockAnswer =
  | { readonly kind: 'task'; readonly task: AnsweredTask }
  | { readonly kind: 'task-unknown' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'token-refused'; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string }
  /** Nothing can be told from it. */
  | { readonly kind: 'unclear'; readonly detail: string };

function ofError(code: number, words: string | undefined): StockAnswer {
  if (code === A2A_ERROR_CODE.TASK_NOT_FOUND) return { kind: 'task-unknown' };
  if (NOTHING_BEGUN.has(code)) return { kind: 'refused', detail: `the peer refused it: JSON-RPC ${code}` };
  if (code === SERVER_ERROR && words === RATE_LIMITED) return { kind: 'busy' };
  if (code === SERVER_ERROR && words === TOO_LARGE) return { kind: 'too-large' };
  return { kind: 'unclear', detail: `peer-failed: JSON-RPC ${code}` };
}

/** `SendMessage` answers with a task in an object, `GetTask` with the task. */
function ofResult(json: JsonValue, id: string): StockAnswer {
  const sent = Result.safeParse(json);
  const asked = TaskResult.safeParse(json);
  const task = sent.data?.result.task ?? asked.data?.result;
  if (task === undefined || (sent.data ?? asked.data)?.id !== id)
    return {
      kind: 'unclear',
      detail: 'answer-not-understood: it is no answer of an A2A channel to this request',
    };
  return { kind: 'task', task };
}

export function readStock({ status, body }: PostAnswer, { id }: OutboxMessage): StockAnswer {
  if (status === 401 || status === 403)
    return { kind: 'token-refused', detail: `the peer refused our token: HTTP ${status}` };
  if (status === 404)
    return {
      kind: 'unclear',
      detail: 'no-a2a-channel: HTTP 404; its gateway is there, and its A2A channel is off',
    };
  if (status !== 200) return { kind: 'unclear', detail: `answer-not-understood: HTTP ${status}` };
  try {
    const json = decode(body);
    const failure = Failure.safeParse(json);
    if (!failure.success) return ofResult(json, id);
    return ofError(failure.data.error.code, failure.data.error.message);
  } catch (error) {
    if (error instanceof Undelivered) return { kind: 'unclear', detail: error.detail };
    throw error;
  }
}
