import { parseText, utf8Bytes } from './message.ts';
import { parsed, problem, type Parsed } from './parsed.ts';
import { parseStrictJson, type JsonValue } from './strict-json.ts';

/** Something to read beside the message, and not a part of it. */
export type ContextPart =
  { readonly type: 'text'; readonly text: string } | { readonly type: 'json'; readonly value: JsonValue };

export const CONTEXT_PARTS_LIMIT = 16;

/** UTF-8 bytes of all context parts of one message, JSON as it is written without spaces. */
export const CONTEXT_LIMIT_BYTES = 64 * 1024;

/** Objects and arrays within each other. Less than a request may have, since it lies deep in one. */
export const CONTEXT_DEPTH = 8;

const PART_FIX = 'Use {"type": "text", "text": …} or {"type": "json", "value": …}';

/** Null when it is JSON of no more than so many levels. Recursion ends there, however deep the value is. */
function oddity(raw: unknown, levels: number): string | null {
  if (raw === null || ['string', 'number', 'boolean'].includes(typeof raw)) return null;
  if (typeof raw !== 'object') return 'is not JSON';
  if (levels === 0) return `is nested deeper than ${CONTEXT_DEPTH}`;
  for (const inner of Object.values(raw)) {
    const odd = oddity(inner, levels - 1);
    if (odd !== null) return odd;
  }
  return null;
}

/** Written and read back strictly: what the receiver's own reader would refuse must not get into an outbox. */
function parseJson(raw: unknown, where: string): Parsed<ContextPart> {
  const odd = oddity(raw, CONTEXT_DEPTH);
  if (odd !== null) return problem(where, odd, `Send JSON of at most ${CONTEXT_DEPTH} levels`);
  const json = parseStrictJson(JSON.stringify(raw), where);
  return json.ok ? parsed({ type: 'json', value: json.value }) : json;
}

function parsePart(raw: unknown, where: string): Parsed<ContextPart> {
  if (typeof raw !== 'object' || raw === null) return problem(where, 'is no context part', PART_FIX);
  const { type, text, value, ...rest } = raw as Readonly<Record<string, unknown>>;
  if (Object.keys(rest).length > 0) return problem(where, 'has an unknown field', PART_FIX);
  if (type === 'text' && typeof text === 'string' && value === undefined) {
    const read = parseText(text, where);
    return read.ok ? parsed({ type, text: read.value }) : read;
  }
  if (type === 'json' && text === undefined && value !== undefined) return parseJson(value, where);
  return problem(where, 'is no context part', PART_FIX);
}

function bytesOf(part: ContextPart): number {
  return utf8Bytes(part.type === 'text' ? part.text : JSON.stringify(part.value));
}

export function parseContext(raw: unknown, where: string): Parsed<readonly ContextPart[]> {
  if (!Array.isArray(raw)) return problem(where, 'is not a list', 'Use a list of context parts');
  if (raw.length > CONTEXT_PARTS_LIMIT)
    return problem(where, `has ${raw.length} parts`, `Send at most ${CONTEXT_PARTS_LIMIT}`);
  const parts: ContextPart[] = [];
  for (const [at, one] of raw.entries()) {
    const part = parsePart(one, `${where}[${at}]`);
    if (!part.ok) return part;
    parts.push(part.value);
  }
  const bytes = parts.reduce((sum, part) => sum + bytesOf(part), 0);
  if (bytes > CONTEXT_LIMIT_BYTES)
    return problem(where, `is ${bytes} bytes long`, `Shorten it to ${CONTEXT_LIMIT_BYTES} bytes`);
  return parsed(parts);
}
