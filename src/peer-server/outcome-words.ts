import type { TaskOutcome } from '../core/peer-wire.ts';

/** How a message without a reply ended. Our words, never the gateway's: its errors name sessions, paths and models. */
export const OUTCOME_WORDS: Readonly<Record<TaskOutcome | 'cancelled', string>> = {
  failed: 'The receiving agent could not answer this message.',
  uncertain: 'It cannot be proved whether the receiving agent saw this message, so it was not run again.',
  expired: 'The message expired before the receiving agent could be reached.',
  refused: 'A person at the receiving stack refused this message, or its reply.',
  cancelled: 'The message was cancelled before the receiving agent saw it.',
};

/** Why there is no reply yet. */
export const HELD_WORDS = {
  held: 'A person at the receiving stack has to look at this message before its agent sees it.',
  'reply-held': 'A person at the receiving stack has to look at the reply to this message before it is sent.',
} as const;

/** A note is the receiving owner's own words to the sender, and the only ones in an answer that are not ours. */
export function refusedWords(note: string | null): string {
  return note === null ? OUTCOME_WORDS.refused : `${OUTCOME_WORDS.refused} They say: ${note}`;
}
