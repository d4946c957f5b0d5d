import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlain, parseContent, PLAIN, type RawContent } from '../../src/core/content.ts';
import { CONFIDENCES, fieldTypes, KINDS, type FieldType } from '../../src/core/kinds.ts';
import { problemLine } from '../../src/core/parsed.ts';
import { parseStrictJson } from '../../src/core/strict-json.ts';
import { propertiesOf } from '../harness/properties.ts';

const holds = propertiesOf('the content of a message');

const read = (raw: RawContent) => {
  const content = parseContent(raw, 'message.');
  return content.ok ? content.value : problemLine(content.problem);
};
const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown;
const json = (value: unknown): RawContent => ({ context: [{ type: 'json', value }] });
const text = (value: unknown): RawContent => ({ context: [{ type: 'text', text: value }] });
const handoff = (status: unknown): RawContent => ({ kind: 'handoff', fields: { status } });
const review = (deadlineSeconds: unknown): RawContent => ({ kind: 'review', fields: { deadlineSeconds } });

describe('the content of a message', () => {
  it('is that of a plain one where nothing is said', () => {
    expect(read({})).toEqual(PLAIN);
    expect(isPlain(PLAIN)).toBe(true);
    expect(isPlain({ kind: 'handoff', fields: {}, context: [] })).toBe(false);
    expect(isPlain({ ...PLAIN, context: [{ type: 'text', text: 'a' }] })).toBe(false);
  });

  it.each<[string, RawContent]>([
    ['a handoff', { kind: 'handoff', fields: { status: 'half done', next: 'the rest\nof it' } }],
    ['an insight', { kind: 'insight', fields: { topic: 'caches', confidence: 'low' } }],
    ['a review', { kind: 'review', fields: { artifact: 'PR 7', questions: 'Safe?', deadlineSeconds: 1 } }],
    ['a delegation', { kind: 'delegation', fields: { doneWhen: 'green', deadlineSeconds: 31_536_000 } }],
    ['the longest field', handoff('é'.repeat(2_000))],
    ['sixteen parts', { context: Array<object>(16).fill({ type: 'text', text: 'a' }) }],
    ['null as JSON', json(null)],
    ['eight levels of JSON', json(nested(8))],
    ['a text at the limit', text('é'.repeat(32_768))],
    ['JSON at the limit', json('a'.repeat(65_534))],
  ])('may be %s', (_what, raw) => {
    expect(read(raw)).toEqual({ ...PLAIN, ...raw });
  });

  it.each<[string, RawContent, string]>([
    ['no kind', { kind: 'owner' }, 'message.kind: there is no such kind. Use one of message, handoff,'],
    ['no text as a kind', { kind: ['review'] }, 'message.kind: there is no such kind'],
    ['a member of every object as a kind', { kind: 'constructor' }, 'message.kind: there is no such kind'],
    [
      'fields that are a list',
      { fields: [] },
      'message.fields: is not an object. Name each field with its value',
    ],
    ['fields that are a text', { kind: 'handoff', fields: 'x' }, 'message.fields: is not an object'],
    ['fields that are null', { fields: null }, 'message.fields: is not an object'],
    [
      'a field of another kind',
      { kind: 'handoff', fields: { topic: 'x' } },
      'message.fields.topic: is no field of the kind handoff. It goes with the kind insight; that kind has status, next',
    ],
    [
      'a field of two other kinds, on a plain message',
      { fields: { deadlineSeconds: 1 } },
      'message.fields.deadlineSeconds: is no field of the kind message. It goes with the kind review or delegation; that kind has none',
    ],
    [
      'a field of no kind',
      { kind: 'insight', fields: { toString: 'x' } },
      'message.fields.toString: is no field of the kind insight. Leave it out; that kind has topic, confidence',
    ],
    [
      'a name that is none',
      { kind: 'handoff', fields: { 'a. Do as I say': 1 } },
      'message.fields: is no field of the kind handoff',
    ],
    ['a field that is no text', handoff(1), 'message.fields.status: is not a text. Use a text'],
    ['a blank field', handoff(' \n'), 'message.fields.status: is empty. Leave it out'],
    [
      'half a character in a field',
      handoff('\ud800'),
      'message.fields.status: is not valid Unicode. Send UTF-8 text without lone surrogates',
    ],
    ['a NUL in a field', handoff('a\0'), 'message.fields.status: contains a NUL character. Remove it'],
    [
      'a field that is too long',
      handoff('a'.repeat(2_001)),
      'message.fields.status: is 2001 characters long. Shorten it to 2000',
    ],
    [
      'a confidence of one’s own',
      { kind: 'insight', fields: { confidence: 'High' } },
      'message.fields.confidence: is none. Use one of low, medium, high',
    ],
    ['no time', review(0), 'message.fields.deadlineSeconds: is no number of seconds'],
    ['half a second', review(0.5), 'message.fields.deadlineSeconds: is no number of seconds'],
    ['more than a year', review(31_536_001), 'Use a whole number from 1 to 31536000'],
    ['a deadline in words', review('60'), 'message.fields.deadlineSeconds: is no number of seconds'],
    [
      'context that is no list',
      { context: { 0: 'a' } },
      'message.context: is not a list. Use a list of context parts',
    ],
    [
      'seventeen parts',
      { context: Array<null>(17).fill(null) },
      'message.context: has 17 parts. Send at most 16',
    ],
    [
      'a part that is a text',
      { context: ['a'] },
      'message.context[0]: is no context part. Use {"type": "text",',
    ],
    [
      'a part of another type',
      { context: [{ type: 'yaml', value: 1 }] },
      'message.context[0]: is no context part',
    ],
    ['a part that is null', { context: [null] }, 'message.context[0]: is no context part'],
    ['a part of no type', { context: [{ text: 'a' }] }, 'message.context[0]: is no context part'],
    [
      'a part of two types',
      { context: [{ type: 'text', text: 'a', value: 1 }] },
      'message.context[0]: is no context part',
    ],
    [
      'a part of the two other types',
      { context: [{ type: 'json', text: 'a', value: 1 }] },
      'message.context[0]: is no context part',
    ],
    ['JSON that is not there', { context: [{ type: 'json' }] }, 'message.context[0]: is no context part'],
    [
      'a part with more to it',
      { context: [{ type: 'text', text: 'a', role: 'system' }] },
      'message.context[0]: has an unknown field',
    ],
    ['a text that is a number', text(1), 'message.context[0]: is no context part'],
    ['a blank text', text('\n'), 'message.context[0]: is empty'],
    ['a NUL in a text', text('\0a'), 'message.context[0]: contains a NUL character'],
    ['half a character in a text', text('\udc00'), 'message.context[0]: is not valid Unicode'],
    ['half a character in JSON', json(['\ud800']), 'lone surrogate in a string'],
    ['a number that another reader rounds', json(1e20), 'number that does not survive'],
    [
      'nine levels of JSON',
      json(nested(9)),
      'message.context[0]: is nested deeper than 8. Send JSON of at most 8 levels',
    ],
    ['JSON deeper than any stack', json(nested(4_000)), 'message.context[0]: is nested deeper than 8'],
    ['a prototype in JSON', json(JSON.parse('{"__proto__":{"a":1}}')), 'key "__proto__"'],
    ['what is no JSON behind what is', json([0, 1n]), 'message.context[0]: is not JSON'],
    ['what is no JSON', json([1n]), 'message.context[0]: is not JSON'],
    ['JSON one byte too long', json('a'.repeat(65_535)), 'message.context: is 65537 bytes long'],
    [
      'parts that are too long together',
      { context: Array<object>(2).fill({ type: 'text', text: 'é'.repeat(16_385) }) },
      'message.context: is 65540 bytes long. Shorten it to 65536 bytes',
    ],
  ])('may not be %s, and the problem says where and what to do', (_what, raw, line) => {
    expect(read(raw)).toContain(line);
  });
});

const words = fc.string({ unit: 'grapheme', maxLength: 50 }).map((raw) => `${raw.replaceAll('\0', '')}.`);
const VALUES: Readonly<Record<FieldType, fc.Arbitrary<unknown>>> = {
  text: words,
  confidence: fc.constantFrom(...CONFIDENCES),
  seconds: fc.integer({ min: 1, max: 31_536_000 }),
};
const contextParts = fc.oneof(
  words.map((said) => ({ type: 'text', text: said })),
  fc
    .jsonValue({ maxDepth: 7, stringUnit: 'grapheme' })
    .filter((value) => parseStrictJson(JSON.stringify(value)).ok)
    .map((value) => ({ type: 'json', value: JSON.parse(JSON.stringify(value)) as unknown })),
);
const contents: fc.Arbitrary<RawContent> = fc.constantFrom(...KINDS).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    fields: fc.record(Object.fromEntries(fieldTypes(kind).map(([name, type]) => [name, VALUES[type]])), {
      requiredKeys: [],
    }),
    context: fc.array(contextParts, { maxLength: 16 }),
  }),
);

holds(
  'is read as it was said, and again as it was written down',
  fc.property(contents, (raw) => {
    const once = read(raw);
    expect(once).toEqual(raw);
    expect(JSON.stringify(read(JSON.parse(JSON.stringify(once)) as RawContent))).toBe(JSON.stringify(once));
  }),
);

holds(
  'has the same bytes in whatever order its fields were named',
  fc.property(contents, (raw) => {
    const fields = Object.fromEntries(Object.entries(raw.fields as object).reverse());
    expect(JSON.stringify(read({ ...raw, fields }))).toBe(JSON.stringify(read(raw)));
  }),
);

holds(
  'keeps to its limits, whatever is given for it',
  fc.property(
    fc.record(
      {
        kind: fc.oneof(fc.constantFrom(...KINDS), fc.anything()),
        fields: fc.oneof(fc.dictionary(fc.string(), fc.anything()), fc.anything()),
        context: fc.oneof(
          fc.array(fc.oneof(contextParts, fc.anything()), { maxLength: 20 }),
          fc.constant([]),
          fc.anything(),
        ),
      },
      { requiredKeys: [] },
    ),
    (raw) => {
      const content = parseContent(raw);
      if (!content.ok) {
        expect(content.problem.where).toMatch(/^(?:kind|fields|context)/);
        return;
      }
      const { kind, fields, context } = content.value;
      expect(KINDS).toContain(kind);
      const own = fieldTypes(kind).map(([name]) => name);
      expect(own).toEqual(expect.arrayContaining(Object.keys(fields)));
      expect(context.length).toBeLessThanOrEqual(16);
    },
  ),
);
