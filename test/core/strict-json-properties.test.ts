import fc from 'fast-check';
import { expect } from 'vitest';
import { parseStrictJson } from '../../src/core/strict-json.ts';
import { propertiesOf } from '../harness/properties.ts';

const holds = propertiesOf('strict JSON');

const problemOf = (text: string) => {
  const read = parseStrictJson(text);
  return read.ok ? null : read.problem;
};

const PIECES = [
  ...['{', '}', '[', ']', ',', ':', '"', '\\', '\\u', ' ', '\n', '\ufeff', '/*', '//', "'", '\0'],
  ...['null', 'true', 'false', 'NaN', 'Infinity', '-', '0', '1', '.', 'e', 'E+', '9'.repeat(16), '0x1'],
  ...['"a"', '"\\u0061"', '"__proto__"', '"constructor"', '""', '"\\ud800"', '"\ud800"', '"\\ud83d\\ude00"'],
];
/** JSON, nearly JSON, and no JSON at all. */
const texts = fc.oneof(
  fc.json({ stringUnit: 'binary' }),
  fc.tuple(fc.json(), fc.nat(), fc.nat(2), fc.constantFrom(...PIECES)).map(([json, at, cut, piece]) => {
    const place = at % (json.length + 1);
    return json.slice(0, place) + piece + json.slice(place + cut);
  }),
  fc.array(fc.constantFrom(...PIECES)).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary' }),
);

holds(
  'reads what it accepts as every other reader does',
  fc.property(texts, (text) => {
    const read = parseStrictJson(text);
    if (!read.ok) return;
    const other: unknown = JSON.parse(text);
    expect(read.value).toEqual(other);
    expect(JSON.stringify(read.value)).toBe(JSON.stringify(other));
  }),
  3000,
);

holds(
  'says of what it refuses where in the text it is wrong, and what to send',
  fc.property(texts, (text) => {
    const problem = problemOf(text);
    if (problem === null) return;
    const at = Number(/^body, character (\d+)$/.exec(problem.where)?.[1]);
    expect(at).toBeGreaterThanOrEqual(1);
    expect(at).toBeLessThanOrEqual(text.length + 1);
    expect(problem.fix).toBe('Send one JSON value as RFC 8259 has it');
  }),
);

const numbers = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value)),
);
const { plain } = fc.letrec<{ plain: unknown }>((tie) => ({
  plain: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(fc.constant(null), fc.boolean(), numbers, fc.string({ unit: 'grapheme' })),
    fc.array(tie('plain'), { maxLength: 5 }),
    fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
      tie('plain'),
      { maxKeys: 5 },
    ),
  ),
}));

holds(
  'accepts every value that has one meaning, however it is indented',
  fc.property(plain, fc.nat(4), (value, indent) => {
    const read = parseStrictJson(JSON.stringify(value, null, indent));
    expect(read.ok && JSON.stringify(read.value)).toBe(JSON.stringify(value));
  }),
);

/** The same key, as another writer might escape it. */
function escaped(key: string): string {
  const units = Array.from({ length: key.length }, (_, at) =>
    key.charCodeAt(at).toString(16).padStart(4, '0'),
  );
  return `"${units.map((unit) => `\\u${unit}`).join('')}"`;
}

holds(
  'refuses a name that an object has twice, wherever it stands and however it is written',
  fc.property(
    fc.uniqueArray(
      fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
      { minLength: 1 },
    ),
    fc.nat(),
    fc.boolean(),
    fc.nat(10),
    (keys, index, isEscaped, depth) => {
      const again = keys[index % keys.length] ?? '';
      const members = keys.map((key) => `${JSON.stringify(key)}:{}`).join(',');
      const before = `${'['.repeat(depth)}{${members},`;
      const text = `${before}${isEscaped ? escaped(again) : JSON.stringify(again)}:0}${']'.repeat(depth)}`;
      expect(problemOf(text)).toMatchObject({
        where: `body, character ${before.length + 1}`,
        what: 'duplicate key',
      });
    },
  ),
);

const halves = fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit));

holds(
  'refuses half a character, as a name or a value, written out or escaped',
  fc.property(
    fc.string(),
    halves,
    fc.string(),
    fc.boolean(),
    fc.boolean(),
    (before, half, after, isEscaped, isName) => {
      const [start, end] = [JSON.stringify(before).slice(0, -1), JSON.stringify(after).slice(1)];
      const text = `${start}${isEscaped ? escaped(half).slice(1, -1) : half}${end}`;
      expect(problemOf(isName ? `{${text}:1}` : `[${text}]`)).toMatchObject({
        where: 'body, character 2',
        what: 'lone surrogate in a string',
      });
    },
  ),
);

holds(
  'goes sixteen deep, whatever it is that is nested',
  fc.property(fc.array(fc.boolean(), { maxLength: 40, size: 'max' }), (levels) => {
    const opening = levels.map((isObject) => (isObject ? '{"a":' : '[')).join('');
    const closing = levels.map((isObject) => (isObject ? '}' : ']')).reverse();
    expect(problemOf(`${opening}0${closing.join('')}`)?.what ?? 'read').toBe(
      levels.length > 16 ? 'nested deeper than 16' : 'read',
    );
  }),
);

holds(
  'reads a number as what was written, or not at all',
  fc.property(fc.stringMatching(/^-?(0|[1-9]\d{0,19})(\.\d{1,12})?([eE][+-]?\d{1,3})?$/), (raw) => {
    const read = parseStrictJson(raw);
    if (!read.ok) {
      expect(read.problem.what).toBe('number that does not survive');
      return;
    }
    expect(Number.isFinite(read.value)).toBe(true);
    expect(read.value).toBe(Number(raw));
    if (/^-?\d+$/.test(raw)) expect(BigInt(read.value as number)).toBe(BigInt(raw));
    if (read.value === 0) expect(raw).toMatch(/^0(\.0+)?([eE].*)?$/);
  }),
);
