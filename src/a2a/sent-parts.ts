import { MESSAGE_EXTENSION } from '../core/peer-wire.ts';
import type { SentPart } from './send-params.ts';

export interface SplitParts {
  /** What the message says. */
  readonly texts: readonly string[];
  /** Not judged yet. */
  readonly context: readonly object[];
}

/**
 * Tells the message from what is to be read beside it. Our own senders mark a text of the second sort; data needs no
 * mark, so that what another framework attaches as data arrives as context too.
 */
export function splitParts(parts: readonly SentPart[]): SplitParts {
  const texts: string[] = [];
  const context: object[] = [];
  for (const { text, data, metadata } of parts) {
    if (text === undefined) context.push({ type: 'json', value: data });
    else if (metadata?.[MESSAGE_EXTENSION] === undefined) texts.push(text);
    else context.push({ type: 'text', text });
  }
  return { texts, context };
}
