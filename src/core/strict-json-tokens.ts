/** Where a strict JSON text went wrong; `at` counts UTF-16 units from 0. */
export class JsonFault extends Error {
  readonly at: number;

  constructor(at: number, what: string) {
    super(what);
    this.at = at;
  }
}

/** A text and the place up to which it has been read. */
export interface JsonReader {
  readonly text: string;
  at: number;
}

const MAX_NUMBER_LENGTH = 24;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const INTEGER = /^-?[0-9]+$/;
const SPACE = /[ \t\n\r]*/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;

export function fault(reader: JsonReader, what: string, at = reader.at): never {
  throw new JsonFault(at, what);
}

export function skipSpace(reader: JsonReader): void {
  SPACE.lastIndex = reader.at;
  SPACE.test(reader.text);
  reader.at = SPACE.lastIndex;
}

/** Steps over `mark`, and the space around it, when it comes next. */
export function take(reader: JsonReader, mark: string): boolean {
  skipSpace(reader);
  if (reader.text[reader.at] !== mark) return false;
  reader.at += 1;
  skipSpace(reader);
  return true;
}

function decode(reader: JsonReader, start: number): string {
  let value: string;
  try {
    // Between two quotes there is a string or nothing.
    value = JSON.parse(reader.text.slice(start, reader.at)) as string;
  } catch {
    fault(reader, 'malformed escape in a string', start);
  }
  if (!value.isWellFormed()) fault(reader, 'lone surrogate in a string', start);
  return value;
}

export function readString(reader: JsonReader): string {
  const start = reader.at;
  if (reader.text.charCodeAt(start) !== QUOTE) fault(reader, 'expected a string');
  for (let i = start + 1; i < reader.text.length; i += 1) {
    const code = reader.text.charCodeAt(i);
    if (code < FIRST_PRINTABLE) fault(reader, 'control character in a string', i);
    if (code === BACKSLASH) i += 1;
    else if (code === QUOTE) {
      reader.at = i + 1;
      return decode(reader, start);
    }
  }
  return fault(reader, 'string without an end', start);
}

/** A number that another reader could take for another value tells two programs two things. */
function survives(raw: string, value: number): boolean {
  if (raw.length > MAX_NUMBER_LENGTH || !Number.isFinite(value) || Object.is(value, -0)) return false;
  if (value === 0) return !/^[^eE]*[1-9]/.test(raw);
  return !INTEGER.test(raw) || Number.isSafeInteger(value);
}

export function readNumber(reader: JsonReader): number {
  NUMBER.lastIndex = reader.at;
  const raw = NUMBER.exec(reader.text)?.[0];
  if (raw === undefined) fault(reader, 'expected a value');
  const value = Number(raw);
  if (!survives(raw, value)) fault(reader, 'number that does not survive');
  reader.at += raw.length;
  return value;
}

export function readWord<T extends boolean | null>(reader: JsonReader, word: string, value: T): T {
  if (!reader.text.startsWith(word, reader.at)) fault(reader, 'expected a value');
  reader.at += word.length;
  return value;
}
