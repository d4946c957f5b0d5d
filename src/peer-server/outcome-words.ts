import type { TaskOutcome } from '../core/peer-wire.ts';

/** How a message without a reply ended. Our words, never the gateway's: its errors name sessions, paths and models. */
export const OUTCOME_WORDS: Readonly<Record<TaskOutcome | 'cancelled', string>> = {
  failed: 'The receiving agent could not answer this message.',
  uncertain: 'It cannot be proved whether the receiving agent saw this message, so it was not run again.',
  expired: 'The message expired before the receiving agent could be reached.',
  refused: 'A person at the receiving stack refused this message, or its reply.',
  cancelled: 'The message was cancelled before the receiving agent saw it.',
};

export const ERASED = 'This message was answered, and the reply has been erased since.';

export const TOO_LARGE = 'The receiving agent answered more than one answer can carry.';
