import { FIELD_LIMIT } from './fields.ts';
import type { Kind } from './kinds.ts';

/** What the agent that a task was handed to said of it. */
export interface TaskAnswer {
  readonly kind: 'accepted' | 'declined';
  /** Why it was declined, when that was said. */
  readonly reason: string | null;
}

/**
 * Markdown and the like may stand before it. In capitals it is the word that was asked for; written otherwise, something
 * must set it apart from a sentence.
 */
const SHOUTED = /^[^\p{L}\p{N}]*(ACCEPTED|ACCEPT|DECLINED|DECLINE)(?![\p{L}\p{N}])/u;
const SET_APART =
  /^[^\p{L}\p{N}]*(accepted|accept|declined|decline)(?:[*_~`"'”’]|[:.,;!–—]|\s+[-–—]|\s*(?:\n|$))/iu;
/** Both words, as in the sentence that asks for one of them: nothing was chosen. */
const OTHER_WORD = /^[^\p{L}\p{N}]*(?:or[^\p{L}\p{N}]+)?(?:accept|decline)/iu;
const BEFORE_REASON = /^[\s*_~`"'”’:.,;!–—-]+/u;

function reasonIn(rest: string): string | null {
  const [first = ''] = rest.replace(BEFORE_REASON, '').split(/\n\s*\n/, 1);
  const reason = first.slice(0, FIELD_LIMIT).toWellFormed().trim();
  return reason === '' ? null : reason;
}

/** Whether a reply takes a delegation on, in the ways in which models write it; null when it does not say. */
export function readAnswer(kind: Kind, reply: string): TaskAnswer | null {
  if (kind !== 'delegation') return null;
  const word = (SHOUTED.exec(reply) ?? SET_APART.exec(reply))?.[1];
  if (word === undefined) return null;
  const rest = reply.slice(reply.indexOf(word) + word.length);
  if (OTHER_WORD.test(rest)) return null;
  if (word.toLowerCase().startsWith('accept')) return { kind: 'accepted', reason: null };
  return { kind: 'declined', reason: reasonIn(rest) };
}
