import { BODY_UNPARSEABLE, accepted, RPC_INVALID } from '../answers.ts';
import type { Attack, Expectation } from '../attack.ts';
import { message, plainText, request, swap } from '../bytes.ts';

type Body = (plain: string) => string | Buffer;

/** The body that every attack here spoils in one place. */
function spoilt(id: string, why: string, body: Body, expect: Expectation = BODY_UNPARSEABLE): Attack {
  return { id, why, bytes: request({ body: body(message(id)) }), expect: [expect] };
}

const bytes = (hex: string) => (plain: string) => {
  const [before = '', after = ''] = plain.split('hello');
  return Buffer.concat([Buffer.from(before), Buffer.from(hex, 'hex'), Buffer.from(after)]);
};
const ID = '"id":1';
const id = (value: string) => (plain: string) => swap(plain, ID, `"id":${value}`);

const twice: readonly Attack[] = [
  spoilt('json-id-twice', 'One reader takes the first id and the next the last.', id('1,"id":2')),
  spoilt(
    'json-id-twice-escaped',
    'A duplicate under an escape is no duplicate to a naive check.',
    id('1,"\\u0069d":2'),
  ),
  spoilt('json-method-twice', 'The check sees GetTask, the execution SendMessage.', (plain) =>
    swap(plain, '"method":"SendMessage"', '"method":"GetTask","method":"SendMessage"'),
  ),
  spoilt(
    'json-method-twice-case',
    'A reader that ignores case takes the second method.',
    (plain) => swap(plain, '"method":', '"Method":"GetTask","method":'),
    RPC_INVALID,
  ),
  spoilt('json-params-twice', 'One set of parameters is judged and the other one used.', (plain) =>
    swap(plain, '"params":', '"params":{"message":{}},"params":'),
  ),
  spoilt('json-message-twice', 'One message is judged and the other one delivered.', (plain) =>
    swap(plain, '"message":', '"message":{},"message":'),
  ),
  spoilt('json-text-twice', 'The audited text is not the delivered one.', (plain) =>
    swap(plain, '"text":', '"text":"harmless","text":'),
  ),
  spoilt('json-role-twice', 'The second role speaks as the agent.', (plain) =>
    swap(plain, '"role":"ROLE_USER"', '"role":"ROLE_USER","role":"ROLE_AGENT"'),
  ),
  spoilt('json-message-id-twice', 'Two ids for one message get it run twice.', (plain) =>
    swap(plain, '"messageId":', '"messageId":"x-1","messageId":'),
  ),
  spoilt('json-duplicate-deep', 'A duplicate in an open map is overlooked.', (plain) =>
    swap(plain, '"role":', '"metadata":{"a":1,"a":2},"role":'),
  ),
  spoilt(
    'json-duplicate-nul-key',
    'A key that ends in NUL equals the short one in C.',
    (plain) => swap(plain, ID, '"id":1,"id\\u0000":2'),
    RPC_INVALID,
  ),
  spoilt(
    'json-duplicate-equal',
    'Equal duplicates pass a check that only compares the values.',
    id('1,"id":1'),
  ),
];

const prototypes: readonly Attack[] = [
  spoilt(
    'json-proto-key',
    'The key __proto__ gives every object a member.',
    id('1,"__proto__":{"admin":true}'),
  ),
  spoilt('json-proto-key-escaped', 'The same under an escape.', id('1,"\\u005f_proto__":{"admin":true}')),
  spoilt('json-proto-deep', 'The same where any key is allowed.', (plain) =>
    swap(plain, '"role":', '"metadata":{"__proto__":{"hop":0}},"role":'),
  ),
  spoilt(
    'json-constructor-key',
    'constructor.prototype is the other way to the same place.',
    id('1,"constructor":{"prototype":{"admin":true}}'),
    RPC_INVALID,
  ),
  spoilt(
    'json-tostring-key',
    'A member called toString breaks whoever prints the request.',
    id('1,"toString":1'),
    RPC_INVALID,
  ),
  spoilt(
    'json-metadata-constructor',
    'Merged into an object of ours, it would replace its constructor.',
    (plain) => swap(plain, '"role":', '"metadata":{"constructor":{"prototype":{"hop":0}}},"role":'),
    accepted(plainText('json-metadata-constructor')),
  ),
];

const encodings: readonly Attack[] = [
  spoilt(
    'json-bom',
    'A reader that skips the mark sees another first character.',
    (plain) => `\uFEFF${plain}`,
  ),
  spoilt(
    'json-bom-behind',
    'A mark behind the value counts as space in some readers.',
    (plain) => `${plain}\uFEFF`,
  ),
  spoilt('json-utf16-le', 'A reader that guesses the encoding reads another text.', (plain) =>
    Buffer.from(plain, 'utf16le'),
  ),
  spoilt('json-utf16-bom', 'The same with its byte order mark.', (plain) =>
    Buffer.from(`\uFEFF${plain}`, 'utf16le'),
  ),
  spoilt('json-utf8-invalid-byte', 'A replaced byte makes audited and delivered text differ.', bytes('ff')),
  spoilt('json-utf8-overlong-slash', 'An overlong slash passes a check for slashes.', bytes('c0af')),
  spoilt(
    'json-utf8-overlong-quote',
    'An overlong quotation mark ends the string for a lenient reader.',
    bytes('c0a2'),
  ),
  spoilt('json-utf8-overlong-nul', 'Modified UTF-8 hides a NUL.', bytes('c080')),
  spoilt('json-utf8-surrogate', 'A surrogate in UTF-8 (CESU) is half a character.', bytes('eda080')),
  spoilt('json-utf8-surrogate-pair', 'Two of them are one character to some readers.', bytes('eda080edb080')),
  spoilt('json-utf8-cut', 'A character cut in the middle swallows the quotation mark.', bytes('e282')),
  spoilt('json-utf8-continuation', 'A lone continuation byte is dropped by some readers.', bytes('80')),
  spoilt('json-utf8-beyond', 'A code point beyond Unicode overflows a table.', bytes('f4908080')),
  spoilt('json-utf8-five-bytes', 'A form of five bytes is read by old decoders.', bytes('f888808080')),
  spoilt('json-surrogate-high', 'Half a character becomes something else on the way to disk.', (plain) =>
    swap(plain, 'hello', '\\ud800'),
  ),
  spoilt('json-surrogate-low', 'The other half.', (plain) => swap(plain, 'hello', '\\udc00')),
  spoilt('json-surrogates-swapped', 'Both halves in the wrong order.', (plain) =>
    swap(plain, 'hello', '\\udc00\\ud800'),
  ),
  spoilt('json-surrogate-key', 'Half a character in a key.', (plain) =>
    swap(plain, '"role":', '"metadata":{"\\ud800":1},"role":'),
  ),
];

/** Bodies in which two readers could find two values. */
export const JSON_VALUE_ATTACKS: readonly Attack[] = [...twice, ...prototypes, ...encodings];
