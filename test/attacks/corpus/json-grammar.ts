import { BODY_UNPARSEABLE, accepted } from '../answers.ts';
import type { Attack, Expectation } from '../attack.ts';
import { message, plainText, request, swap } from '../bytes.ts';

type Body = (plain: string) => string | Buffer;

/** The body that every attack here spoils in one place. */
function spoilt(id: string, why: string, body: Body, expect: Expectation = BODY_UNPARSEABLE): Attack {
  return { id, why, bytes: request({ body: body(message(id)) }), expect: [expect] };
}

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const ID = '"id":1';
const id = (value: string) => (plain: string) => swap(plain, ID, `"id":${value}`);

const numbers: readonly Attack[] = [
  ['nan', 'NaN', 'NaN is equal to nothing, not even to the recorded id.'],
  ['infinity', 'Infinity', 'Infinity passes a check for a minimum.'],
  ['minus-infinity', '-Infinity', 'And its twin one for a maximum.'],
  ['undefined', 'undefined', 'A word of JavaScript shows that eval reads this.'],
  ['hex', '0x10', 'Hexadecimal is sixteen here and zero there.'],
  ['octal', '010', 'A leading zero is eight here and ten there.'],
  ['plus', '+1', 'A plus sign is dropped by some readers.'],
  ['point-first', '.5', 'Half a number is read by lenient readers.'],
  ['point-last', '1.', 'The same at the other end.'],
  ['exponent-empty', '1e', 'An exponent without digits.'],
  ['double-minus', '--1', 'Two signs cancel each other out in some readers.'],
  ['over-safe', '9007199254740993', 'Rounded, two ids become one.'],
  ['twenty-digits', '12345678901234567890', 'The same with room to spare.'],
  ['huge-exponent', '1e400', 'Too large for a double, it turns into Infinity.'],
  ['tiny-exponent', '1e-400', 'Too small for one, it turns into zero.'],
  ['minus-zero', '-0', 'Minus zero is zero to one reader and not to the next.'],
  ['long', `0.${'1'.repeat(40)}`, 'Digits that do not survive hide a difference.'],
  ['very-long', '9'.repeat(100_000), 'A number of a hundred thousand digits keeps a big-number reader busy.'],
  ['underscore', '1_000', 'A separator is skipped by one reader and ends the number for another.'],
  ['bigint', '1n', 'A suffix of JavaScript.'],
  ['true-case', 'True', 'A word of Python.'],
  ['nil', 'nil', 'A word of Ruby.'],
].map(([name = '', value = '', why = '']) => spoilt(`json-number-${name}`, why, id(value)));

const grammar: readonly Attack[] = [
  spoilt(
    'json-comment-line',
    'What follows a comment sign is skipped by one reader only.',
    (plain) => `${plain}// {}`,
  ),
  spoilt('json-comment-block', 'A comment inside hides a member from one reader.', id('/* 2, */ 1')),
  spoilt('json-comment-hash', 'The third kind of comment.', (plain) => `# x\n${plain}`),
  spoilt(
    'json-trailing-comma-object',
    'A last comma is read by lenient readers.',
    (plain) => `${plain.slice(0, -1)},}`,
  ),
  spoilt('json-trailing-comma-array', 'The same in a list, where it makes one more part.', (plain) =>
    swap(plain, '}]}', '},]}'),
  ),
  spoilt('json-single-quotes', 'Single quotation marks are read by lenient readers.', (plain) =>
    plain.replaceAll('"', "'"),
  ),
  spoilt('json-bare-key', 'A key without marks is read by lenient readers.', (plain) =>
    swap(plain, '"id"', 'id'),
  ),
  spoilt('json-two-values', 'The second value is judged by nobody.', (plain) => `${plain}${plain}`),
  spoilt('json-two-lines', 'The same, as lines of JSON.', (plain) => `${plain}\n${plain}\n`),
  spoilt('json-trailing-nul', 'A NUL ends the text for C.', (plain) => `${plain}\0`),
  spoilt('json-leading-nul', 'A NUL in front shifts what a reader sees.', (plain) => `\0${plain}`),
  spoilt(
    'json-prefix-guard',
    'A prefix against script inclusion is stripped by some clients.',
    (plain) => `)]}',\n${plain}`,
  ),
  spoilt('json-form-feed', 'A form feed is space for JavaScript, not for JSON.', (plain) =>
    swap(plain, ID, `\f${ID}`),
  ),
  spoilt('json-nbsp', 'A no-break space likewise.', (plain) => swap(plain, ID, `\u00a0${ID}`)),
  spoilt('json-line-separator', 'U+2028 ends a line in old JavaScript.', (plain) =>
    swap(plain, ID, `\u2028${ID}`),
  ),
  spoilt('json-control-in-string', 'A raw line feed in a string splits the log line.', (plain) =>
    swap(plain, 'hello', 'hel\nlo'),
  ),
  spoilt('json-tab-in-string', 'A raw tab splits the columns.', (plain) => swap(plain, 'hello', 'hel\tlo')),
  spoilt('json-escape-x', 'An escape of JavaScript.', (plain) => swap(plain, 'hello', '\\x41')),
  spoilt('json-escape-brace', 'The other one.', (plain) => swap(plain, 'hello', '\\u{41}')),
  spoilt('json-escape-quote', 'An escaped single quotation mark.', (plain) => swap(plain, 'hello', "\\'")),
  spoilt('json-escape-short', 'An escape with too few digits takes the next character with it.', (plain) =>
    swap(plain, 'hello', '\\u12'),
  ),
  spoilt('json-string-open', 'A string without an end makes a reader run on.', (plain) =>
    plain.slice(0, plain.indexOf('hello')),
  ),
  spoilt('json-cut', 'A value that is cut is completed by a lenient reader.', (plain) => plain.slice(0, -2)),
  spoilt('json-nothing', 'No body at all, where the code takes the first character.', () => ''),
  spoilt('json-only-space', 'White space only.', () => ' \r\n\t '),
  spoilt(
    'json-form',
    'The body of a web form, where nobody looks at the type.',
    () => 'jsonrpc=2.0&method=SendMessage',
  ),
  spoilt(
    'json-xml',
    'Entities of XML fetch files.',
    () => '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
  ),
  spoilt(
    'json-yaml',
    'YAML is a superset of JSON for some readers.',
    () => 'jsonrpc: "2.0"\nmethod: SendMessage\n',
  ),
  spoilt('json-depth-17', 'One level more than is allowed.', (plain) =>
    swap(plain, '"role":', `"metadata":{"a":${nested(13)}},"role":`),
  ),
  spoilt('json-depth-20000', 'Nesting without end overflows the stack.', () => nested(20_000)),
  spoilt('json-depth-open', 'Brackets that never close, each a recursion.', () => '['.repeat(100_000)),
  spoilt('json-depth-objects', 'The same with objects.', () => '{"a":'.repeat(20_000)),
  spoilt(
    'json-depth-16',
    'As deep as is allowed: no more harm than any other message.',
    (plain) => swap(plain, '"role":', `"metadata":{"a":${nested(12)}},"role":`),
    accepted(plainText('json-depth-16')),
  ),
];

/** Bodies that are JSON to a lenient reader, or a burden to a strict one. */
export const JSON_GRAMMAR_ATTACKS: readonly Attack[] = [...numbers, ...grammar];
