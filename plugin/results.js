import { PeerToolError } from './errors.js';
import { stepAfter, stepOf } from './next-step.js';
import { newMarker, quote, UNTRUSTED } from './quotation.js';

/** @typedef {import('./types.d.ts').Message} Message */

/**
 * @param {readonly string[]} lines
 * @param {{ readonly ok: boolean } & Readonly<Record<string, unknown>>} details
 * @returns {import('./types.d.ts').Result}
 */
export function result(lines, details) {
  const text = lines.join('\n');
  return { content: [{ type: 'text', text }], details: { ...details, text } };
}

const REPLY_COMES =
  'Its reply comes into this session by itself, as a message of its own: you need not wait for it.';

/** @param {string} state */
export const isOver = (state) =>
  ['answered', 'refused', 'failed', 'expired', 'uncertain', 'cancelled'].includes(state);

/** @param {import('./types.d.ts').Next} next */
const isOk = (next) => next === 'done' || next === 'wait';

/**
 * What a peer may have written of a message that is over; of one that is not, the reply is still to come.
 * @param {Pick<Message, 'state' | 'reply' | 'detail'>} message
 */
export function peersWords({ state, reply, detail }) {
  if (state === 'answered') return reply;
  return state === 'refused' || state === 'failed' ? detail : null;
}

/**
 * How a message stands.
 * @param {Message} message
 * @param {readonly string[]} warnings
 * @param {{ readonly replyToSession?: boolean }} [wish] whether its reply comes by itself
 */
export function messageResult(message, warnings, { replyToSession = false } = {}) {
  const { id, peer, alias, conversation, state, answer, hold, reason } = message;
  const { next, text } = stepOf(message);
  const said = peersWords(message);
  const lines = [
    `${text}.`,
    ...(replyToSession && !isOver(state) ? [REPLY_COMES] : []),
    `Conversation: ${conversation}.`,
    ...warnings.map((warning) => `Warning: ${warning}.`),
    ...(said === null ? [] : [...UNTRUSTED, ...quote('peer-message', said, newMarker())]),
  ];
  const told = { id, peer, alias, conversation, state, answer: answer?.kind ?? null, hold, reason, warnings };
  return result(lines, { ok: isOk(next), next, ...told });
}

/**
 * What went wrong and what to do now.
 * @param {unknown} error
 * @param {string} [advice] in place of what is said for such an error
 */
export function failed(error, advice) {
  if (!(error instanceof PeerToolError)) {
    const { next, text } = stepAfter('plugin-broken', '');
    return result([`It did not work, for a fault of the plugin.`, `${text}.`], { ok: false, next });
  }
  const { next, text } = stepAfter(error.code, error.fix);
  const lines = [`It did not work: ${error.message} (${error.code}).`, `${advice ?? text}.`];
  return result(lines, { ok: false, next, code: error.code });
}
