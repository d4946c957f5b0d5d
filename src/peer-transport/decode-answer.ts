import { parseStrictJson, type JsonValue } from '../core/strict-json.ts';
import { Undelivered } from './undelivered.ts';

/** Throws Undelivered for what is no strict JSON in UTF-8. */
export function decode(body: Buffer): JsonValue {
  try {
    const json = parseStrictJson(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body),
      'answer',
    );
    if (json.ok) return json.value;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new Undelivered('answer-not-understood: it is not JSON');
}
