import { parsed, problem, type Parsed } from './parsed.ts';
import {
  fault,
  JsonFault,
  readNumber,
  readString,
  readWord,
  skipSpace,
  take,
  type JsonReader,
} from './strict-json-tokens.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
/** Without a prototype, so that no name in it is there but those that were sent. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Objects and arrays within each other. */
const MAX_DEPTH = 16;

function readArray(reader: JsonReader, depth: number): readonly JsonValue[] {
  const items: JsonValue[] = [];
  take(reader, '[');
  if (take(reader, ']')) return items;
  do items.push(readValue(reader, depth));
  while (take(reader, ','));
  if (!take(reader, ']')) fault(reader, 'expected "," or "]"');
  return items;
}

function readMember(reader: JsonReader, into: Record<string, JsonValue>, depth: number): void {
  const start = reader.at;
  const key = readString(reader);
  if (key === '__proto__') fault(reader, 'key "__proto__"', start);
  if (Object.hasOwn(into, key)) fault(reader, 'duplicate key', start);
  if (!take(reader, ':')) fault(reader, 'expected ":"');
  into[key] = readValue(reader, depth);
}

function readObject(reader: JsonReader, depth: number): JsonObject {
  const members = Object.create(null) as Record<string, JsonValue>;
  take(reader, '{');
  if (take(reader, '}')) return members;
  do readMember(reader, members, depth);
  while (take(reader, ','));
  if (!take(reader, '}')) fault(reader, 'expected "," or "}"');
  return members;
}

function deeper(reader: JsonReader, depth: number): number {
  return depth < MAX_DEPTH ? depth + 1 : fault(reader, `nested deeper than ${MAX_DEPTH}`);
}

function readValue(reader: JsonReader, depth: number): JsonValue {
  switch (reader.text.charAt(reader.at)) {
    case '{':
      return readObject(reader, deeper(reader, depth));
    case '[':
      return readArray(reader, deeper(reader, depth));
    case '"':
      return readString(reader);
    case 't':
      return readWord(reader, 'true', true);
    case 'f':
      return readWord(reader, 'false', false);
    case 'n':
      return readWord(reader, 'null', null);
    default:
      return readNumber(reader);
  }
}

/**
 * Reads JSON that has exactly one meaning. Where readers differ (duplicate keys, lone surrogates, numbers beyond
 * precision, a byte order mark, text after the end) one program would check one value and the next use another.
 */
export function parseStrictJson(text: string, where = 'body'): Parsed<JsonValue> {
  const reader: JsonReader = { text, at: 0 };
  try {
    skipSpace(reader);
    const value = readValue(reader, 0);
    skipSpace(reader);
    if (reader.at !== text.length) fault(reader, 'something follows the value');
    return parsed(value);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return problem(
      `${where}, character ${error.at + 1}`,
      error.message,
      'Send one JSON value as RFC 8259 has it',
    );
  }
}
