import { TOO_LARGE } from '../a2a/task.ts';
import { ANSWER_LIMIT_BYTES, type TaskOutcome } from '../core/peer-wire.ts';
import type { InboxMessage } from '../ports/messages.ts';
import { OUTCOME_WORDS, refusedWords } from './outcome-words.ts';

/** The gateway announces a late answer by itself; here nothing follows. */
const DELIVERY = { status: 'skipped', mode: 'announce' };

function errorOf(outcome: TaskOutcome | 'cancelled', note: string | null) {
  const error = outcome === 'refused' ? refusedWords(note) : OUTCOME_WORDS[outcome];
  return { error, sentBeforeError: true };
}

/** `details` of the gateway's answer to `sessions_send`, with our task and alias in place of its run and session. */
function detailsOf({ taskId: runId, alias: sessionKey, state, reply, note }: InboxMessage): object {
  switch (state) {
    case 'held':
    case 'accepted':
    case 'running':
    case 'reply-held':
      return { runId, status: 'accepted', sessionKey, targetDisposition: 'queued', delivery: DELIVERY };
    case 'replied':
      return reply === null
        ? { runId, sessionKey, status: 'no_reply', message: 'The receiving agent chose not to reply.' }
        : { runId, sessionKey, status: 'ok', delivery: DELIVERY, reply };
    case 'failed':
    case 'refused':
    case 'uncertain':
    case 'expired':
    case 'cancelled':
      return { runId, status: 'error', ...errorOf(state, note), sessionKey };
  }
}

function envelope(details: object): object {
  return {
    ok: true,
    result: { content: [{ type: 'text', text: JSON.stringify(details, null, 2) }], details },
  };
}

/** What the gateway's own tool route would answer. A reply that no answer can carry is told as an error. */
export function toolResult(message: InboxMessage): object {
  const whole = envelope(detailsOf(message));
  if (Buffer.byteLength(JSON.stringify(whole)) <= ANSWER_LIMIT_BYTES) return whole;
  const { taskId: runId, alias: sessionKey } = message;
  return envelope({ runId, status: 'error', error: TOO_LARGE, sentBeforeError: true, sessionKey });
}
