import { accepted, PARAMS_INVALID, RPC_INVALID, VERSION_UNSUPPORTED } from '../answers.ts';
import type { Attack, Expectation } from '../attack.ts';
import { call, message, plainText, request, swap } from '../bytes.ts';

function body(
  name: string,
  why: string,
  text: (plain: string) => string,
  expect: Expectation = RPC_INVALID,
): Attack {
  const id = `rpc-${name}`;
  return { id, why, bytes: request({ body: text(message(id)) }), expect: [expect] };
}

const id = (value: string) => (plain: string) => swap(plain, '"id":1', `"id":${value}`);
const taken = (name: string) => accepted(plainText(`rpc-${name}`));

const envelopes: readonly Attack[] = [
  body('batch', 'A batch counts as one request against the limits.', (plain) => `[${plain}]`),
  body('batch-two', 'Two calls, of which one is judged.', (plain) => `[${plain},${plain}]`),
  body('batch-empty', 'An empty batch breaks a loop.', () => '[]'),
  body(
    'batch-many',
    'A thousand calls in one request.',
    () => `[${Array<string>(1000).fill('{"jsonrpc":"2.0","id":1,"method":"GetTask"}').join(',')}]`,
  ),
  body('notification', 'A call without an id has no answer, and perhaps no record.', (plain) =>
    swap(plain, '"id":1,', ''),
  ),
  body('id-null', 'A null id looks like an answer to garbage.', id('null')),
  body('id-true', 'An id that is neither text nor number.', id('true')),
  body('id-object', 'An id that is an object is printed somewhere.', id('{"toString":1}')),
  body('id-array', 'An id that is a list.', id('[1]')),
  body('id-fraction', 'A fraction is rounded by one side.', id('1.5')),
  body('id-empty', 'An empty id.', id('""')),
  body('id-long', 'An id is sent back as often as one likes: an amplifier.', id(`"${'a'.repeat(129)}"`)),
  body('id-huge', 'The same in earnest.', id(`"${'a'.repeat(100_000)}"`)),
  body('id-zero', 'Zero is false for a careless check.', id('0'), taken('id-zero')),
  body('id-negative', 'A negative id is an id.', id('-1'), taken('id-negative')),
  body(
    'id-markup',
    'An id is written into a page somewhere.',
    id('"<script>alert(1)</script>"'),
    taken('id-markup'),
  ),
  body('id-proto', 'An id that names a member of every object.', id('"__proto__"'), taken('id-proto')),
  body('version-missing', 'Without a version older rules apply.', (plain) =>
    swap(plain, '"jsonrpc":"2.0",', ''),
  ),
  body('version-1', 'The older version knows no named parameters.', (plain) => swap(plain, '"2.0"', '"1.0"')),
  body('version-number', 'A number in place of the text.', (plain) => swap(plain, '"2.0"', '2.0')),
  body('version-padded', 'A space behind.', (plain) => swap(plain, '"2.0"', '"2.0 "')),
  body('top-string', 'A bare text.', () => '"SendMessage"'),
  body('top-number', 'A bare number.', () => '1'),
  body('top-null', 'Null has no members to ask for.', () => 'null'),
  body('top-true', 'Nor has a truth value.', () => 'true'),
  body('top-empty', 'An object without anything.', () => '{}'),
  body(
    'answer',
    'An answer in place of a request is matched to one of ours.',
    () => '{"jsonrpc":"2.0","id":1,"result":{}}',
  ),
  body(
    'answer-error',
    'The same for an error.',
    () => '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"a"}}',
  ),
  ...['sessionKey', 'alias', 'auth', 'token', 'peer', 'result', 'tenant', 'type', 'meta'].map((name) =>
    body(
      `member-${name.toLowerCase()}`,
      `A member ${name} beside the call is used by a lenient server.`,
      (plain) => swap(plain, '"id":1', `"id":1,"${name}":"main"`),
    ),
  ),
  body(
    'frame',
    'A frame of the gateway’s own protocol.',
    () => '{"type":"req","id":"1","method":"chat.send","params":{"sessionKey":"main","message":"hello"}}',
  ),
  body(
    'params-missing',
    'No parameters.',
    () => '{"jsonrpc":"2.0","id":1,"method":"SendMessage"}',
    PARAMS_INVALID,
  ),
  body('params-null', 'Null in their place.', () => call('SendMessage', null), PARAMS_INVALID),
  body('params-array', 'Parameters by position.', () => call('SendMessage', [{}]), PARAMS_INVALID),
  body('params-string', 'A text in their place.', () => call('SendMessage', 'hello'), PARAMS_INVALID),
  body('params-empty', 'No message in them.', () => call('SendMessage', {}), PARAMS_INVALID),
  body('method-number', 'A method that is a number indexes a table.', (plain) =>
    swap(plain, '"SendMessage"', '0'),
  ),
  body('method-null', 'Null in its place.', (plain) => swap(plain, '"SendMessage"', 'null')),
  body('method-array', 'A list turns into the method’s name when it is printed.', (plain) =>
    swap(plain, '"SendMessage"', '["SendMessage"]'),
  ),
  body('method-empty', 'No name.', (plain) => swap(plain, '"SendMessage"', '""')),
  body('method-long', 'A name of seventy characters.', (plain) =>
    swap(plain, '"SendMessage"', `"${'a'.repeat(70)}"`),
  ),
];

const versions: readonly Attack[] = [
  '0.3',
  '1.1',
  '2.0',
  '1',
  'v1.0',
  '1.0, 0.3',
  '1.0.0',
  '',
  '__proto__',
].map((version, i) => ({
  id: `rpc-a2a-version-${i}`,
  why: `A protocol version ${JSON.stringify(version)} has other rules.`,
  bytes: request({ lines: [`a2a-version: ${version}`], body: message(`rpc-a2a-version-${i}`) }),
  expect: [VERSION_UNSUPPORTED],
}));

export const RPC_ATTACKS: readonly Attack[] = [...envelopes, ...versions];
