import fc from 'fast-check';

/** As much of JSON Schema as zod writes for what a request may hold. */
export interface ValueSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly oneOf?: readonly ValueSchema[];
  readonly anyOf?: readonly ValueSchema[];
  readonly properties?: Readonly<Record<string, ValueSchema>>;
  readonly required?: readonly string[];
  readonly items?: ValueSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly format?: string;
}

/** Words that this stack knows, by the name of the field or parameter: without them nothing gets past the first look. */
export type Words = Readonly<Record<string, readonly unknown[]>>;

const HOSTILE = [
  '',
  ' ',
  '\0',
  '\u202e',
  '\ud800',
  '..',
  '../../etc/passwd',
  '%00',
  '🙂'.repeat(40),
  'é'.normalize('NFD'),
  '{{7*7}}',
  "'; DROP TABLE peers;--",
  '__proto__',
  'constructor',
  '-1',
  'NaN',
  '١٢',
  'x'.repeat(5000),
];

export const anyText = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
);

/** None of them a wait that the stack would keep. */
const anyNumber = fc.constantFrom(-1, -0, 0.1, 601, 1e21, 2 ** 53, -(2 ** 31) - 1, 1e308, 5e-324);

export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  anyText,
  anyNumber,
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(anyText, anyNumber), { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('__proto__', 'toString', 'peer', 'x'), anyText, { maxKeys: 2 }),
);

function ofObject({ properties = {}, required = [] }: ValueSchema, words: Words): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]) => [name, valueOf(schema, words, name)]);
  return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [...required],
  });
}

function ofType(schema: ValueSchema, words: Words): fc.Arbitrary<unknown> {
  const { minimum = 0, maximum = 1e6, maxLength = 200 } = schema;
  switch (schema.type) {
    case 'object':
      return ofObject(schema, words);
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, words), { maxLength: Math.min(schema.maxItems ?? 3, 3) });
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: Math.max(minimum, -1e6), max: Math.min(maximum, 1e6) });
    case 'number':
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case 'string':
      if (schema.format === 'date-time') return fc.date({ noInvalidDate: true }).map((at) => at.toJSON());
      return fc.string({ unit: 'grapheme', maxLength: Math.min(maxLength, 60) });
    case undefined:
    default:
      return anyValue;
  }
}

/** Values that fit the schema; words that the stack knows more often than others. */
export function valueOf(schema: ValueSchema, words: Words, name = ''): fc.Arbitrary<unknown> {
  const options = schema.oneOf ?? schema.anyOf;
  if (options !== undefined) return fc.oneof(...options.map((one) => valueOf(one, words, name)));
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const known = [...(words[name] ?? []), ...(schema.examples ?? [])];
  if (known.length === 0) return ofType(schema, words);
  // A wait would be kept, and the test would take as long.
  if (name === 'waitSeconds') return fc.constantFrom(...known);
  return fc.oneof(
    { weight: 15, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: ofType(schema, words) },
  );
}

/** A value that was right, with one thing done to it. */
export function spoiled(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return anyValue;
  const fields = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields);
  const unknown = fc
    .tuple(fc.constantFrom('extra', 'Peer', '__proto__', ''), anyValue)
    .map(([name, more]) => Object.fromEntries([...Object.entries(fields), [name, more]]));
  if (names.length === 0) return unknown;
  const one = fc.constantFrom(...names);
  const without = one.map((name) =>
    Object.fromEntries(Object.entries(fields).filter(([own]) => own !== name)),
  );
  const replaced = fc.tuple(one, anyValue).map(([name, other]) => ({ ...fields, [name]: other }));
  return fc.oneof(
    { weight: 1, arbitrary: unknown },
    { weight: 1, arbitrary: without },
    { weight: 4, arbitrary: replaced },
  );
}
