import {
  CONFIDENCES,
  fieldTypes,
  KIND_FIELDS,
  KINDS,
  type FieldsOf,
  type FieldType,
  type Kind,
} from './kinds.ts';
import { parsed, problem, type Parsed } from './parsed.ts';

/** Characters of one field's text. */
export const FIELD_LIMIT = 2_000;

/** A year, as for the time to live of a message. */
const DEADLINE_LIMIT_SECONDS = 31_536_000;

function parseFieldText(raw: unknown, where: string): Parsed<string> {
  if (typeof raw !== 'string') return problem(where, 'is not a text', 'Use a text');
  if (raw.trim() === '') return problem(where, 'is empty', 'Leave it out');
  if (!raw.isWellFormed())
    return problem(where, 'is not valid Unicode', 'Send UTF-8 text without lone surrogates');
  if (raw.includes('\0')) return problem(where, 'contains a NUL character', 'Remove it');
  if (raw.length > FIELD_LIMIT)
    return problem(where, `is ${raw.length} characters long`, `Shorten it to ${FIELD_LIMIT}`);
  return parsed(raw);
}

function parseField(type: FieldType, raw: unknown, where: string): Parsed<string | number> {
  switch (type) {
    case 'text':
      return parseFieldText(raw, where);
    case 'confidence':
      return (CONFIDENCES as readonly unknown[]).includes(raw)
        ? parsed(raw as string)
        : problem(where, 'is none', `Use one of ${CONFIDENCES.join(', ')}`);
    case 'seconds':
      return Number.isInteger(raw) && Number(raw) >= 1 && Number(raw) <= DEADLINE_LIMIT_SECONDS
        ? parsed(Number(raw))
        : problem(where, 'is no number of seconds', `Use a whole number from 1 to ${DEADLINE_LIMIT_SECONDS}`);
  }
}

/** A name is told only when it looks like one: it is the sender's own. */
function unknownField(kind: Kind, name: string, where: string): Parsed<never> {
  const named = /^\w{1,40}$/.test(name) ? `${where}.${name}` : where;
  const owners = KINDS.filter((other) => Object.hasOwn(KIND_FIELDS[other], name));
  const own = fieldTypes(kind).map(([field]) => field);
  const have = own.length === 0 ? 'that kind has none' : `that kind has ${own.join(', ')}`;
  const fix = owners.length === 0 ? 'Leave it out' : `It goes with the kind ${owners.join(' or ')}`;
  return problem(named, `is no field of the kind ${kind}`, `${fix}; ${have}`);
}

/** Every field must be one of the kind's own. In the order of the table, so that the same fields are the same bytes. */
export function parseFields<K extends Kind>(kind: K, raw: unknown, where: string): Parsed<FieldsOf<K>> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return problem(where, 'is not an object', 'Name each field with its value');
  const given = new Map<string, unknown>(Object.entries(raw));
  const types = fieldTypes(kind);
  const unknown = [...given.keys()].find((name) => !types.some(([own]) => own === name));
  if (unknown !== undefined) return unknownField(kind, unknown, where);
  const fields: Record<string, string | number> = {};
  for (const [name, type] of types) {
    if (!given.has(name)) continue;
    const read = parseField(type, given.get(name), `${where}.${name}`);
    if (!read.ok) return read;
    fields[name] = read.value;
  }
  return parsed(fields as FieldsOf<K>);
}
