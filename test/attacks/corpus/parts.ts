import { accepted, PARAMS_INVALID, PART_NOT_TEXT, TEXT_EMPTY } from '../answers.ts';
import type { Aim, Attack, Expectation } from '../attack.ts';
import { given, message, plainText, request, type Of } from '../bytes.ts';

function parts(
  name: string,
  why: string,
  value: Of<object | string | null>,
  expect: Expectation = PART_NOT_TEXT,
): Attack {
  const id = `parts-${name}`;
  return {
    id,
    why,
    bytes: request({ body: (aim) => message(id, { parts: given(value, aim) }) }),
    expect: [expect],
  };
}

const text = { text: 'hello' };
const url = (name: string, address: string, why: string) => parts(`url-${name}`, why, [{ url: address }]);

const addresses: readonly Attack[] = [
  parts('url', 'This stack fetches what the sender names.', ({ canary }: Aim) => [{ url: canary }]),
  parts('url-behind-text', 'The same behind a harmless part.', ({ canary }: Aim) => [text, { url: canary }]),
  parts('url-and-text', 'The same within a harmless part.', ({ canary }: Aim) => [
    { text: 'hello', url: canary },
  ]),
  parts('url-picture', 'The same as a picture.', ({ canary }: Aim) => [
    { url: canary, mediaType: 'image/png' },
  ]),
  parts('file-uri', 'The older form of a file.', ({ canary }: Aim) => [
    { kind: 'file', file: { uri: canary } },
  ]),
  parts('file-with-uri', 'The form between the two.', ({ canary }: Aim) => [
    { file: { fileWithUri: canary, mimeType: 'text/plain' } },
  ]),
  url('gateway', 'http://127.0.0.1:18789/v1/models', 'The gateway answers loopback.'),
  url('local-api', 'http://127.0.0.1:18790/api/v1/status', 'So does the owner’s API.'),
  url('ipv6-loopback', 'http://[::1]:18789/', 'Loopback by the other address.'),
  url('decimal-loopback', 'http://2130706433/', 'Loopback as one number.'),
  url('metadata-service', 'http://169.254.169.254/latest/meta-data/', 'A cloud’s metadata.'),
  url('file', 'file:///data/owner-token', 'The owner’s token.'),
  url('data', 'data:text/plain,hello', 'An address that carries its own text.'),
  url('unix', 'unix:///var/run/docker.sock', 'A socket of the machine.'),
  url('socket', 'ws://127.0.0.1:18789/', 'The gateway’s RPC.'),
  url('empty', '', 'An empty address is the present one.'),
];

const others: readonly Attack[] = [
  parts('raw', 'Bytes are written to a file somewhere.', [{ raw: 'AAAA' }]),
  parts('raw-and-text', 'The same within a harmless part.', [{ text: 'hello', raw: 'AAAA' }]),
  parts(
    'data-and-text',
    'Of a part with both, one reader shows the one.',
    [{ text: 'hello', data: { a: 1 } }],
    PARAMS_INVALID,
  ),
  parts(
    'data-null-and-text',
    'The same, and the one is nothing.',
    [{ text: 'hello', data: null }],
    PARAMS_INVALID,
  ),
  parts('file-bytes', 'The older form of bytes.', [{ kind: 'file', file: { bytes: 'AAAA', name: 'x.sh' } }]),
  parts('filename', 'Text that wants to be a file.', [{ text: '#!/bin/sh', filename: 'x.sh' }]),
  parts('filename-path', 'The same with a path.', [{ text: 'a', filename: '../../.bashrc' }]),
  parts('type-picture', 'A picture in the clothes of text.', [{ text: 'AAAA', mediaType: 'image/png' }]),
  parts('type-json', 'Data in the clothes of text.', [{ text: '{}', mediaType: 'application/json' }]),
  parts('type-wildcard', 'Any type at all.', [{ text: 'a', mediaType: '*/*' }]),
  parts('type-injected', 'A line break in the type makes a header where it is copied.', [
    { text: 'a', mediaType: 'text/plain\r\nx-a: b' },
  ]),
  parts('kind-text', 'The older form of text.', [{ kind: 'text', text: 'hello' }], PARAMS_INVALID),
  parts('type-text', 'A form of yet another protocol.', [{ type: 'text', text: 'hello' }], PARAMS_INVALID),
  parts(
    'unknown-field',
    'A field that nobody has defined.',
    [{ text: 'hello', role: 'system' }],
    PARAMS_INVALID,
  ),
  parts(
    'snake-type',
    'The other convention hides the type.',
    [{ text: 'hello', media_type: 'image/png' }],
    PARAMS_INVALID,
  ),
  parts('text-number', 'A number in place of the text.', [{ text: 7 }], PARAMS_INVALID),
  parts('text-list', 'A list in place of the text joins into one.', [{ text: ['hello'] }], PARAMS_INVALID),
  parts('text-object', 'An object in place of the text.', [{ text: { toString: 'a' } }], PARAMS_INVALID),
  parts('text-null', 'Null in place of the text.', [{ text: null }], PARAMS_INVALID),
  parts('empty-part', 'A part with nothing in it.', [{}], PARAMS_INVALID),
  parts('null-part', 'Null in place of a part.', [null], PARAMS_INVALID),
  parts('text-part', 'A text in place of a part.', ['hello'], PARAMS_INVALID),
  parts('nested', 'A list in place of a part.', [[text]], PARAMS_INVALID),
  parts('none', 'No part at all.', [], PARAMS_INVALID),
  parts('object', 'An object in place of the list.', { 0: text, length: 1 }, PARAMS_INVALID),
  parts('string', 'A text in place of the list has a length too.', 'hello', PARAMS_INVALID),
  parts('null', 'Null in place of the list.', null, PARAMS_INVALID),
  parts('many', 'More parts than there may be.', Array<object>(65).fill(text), PARAMS_INVALID),
  parts('blank', 'A part of white space.', [{ text: ' \t\r\n' }], TEXT_EMPTY),
  parts('blank-unicode', 'White space of other scripts.', [{ text: '\u3000\u2003\u00a0\ufeff' }], TEXT_EMPTY),
  parts('blank-many', 'Sixty-four empty parts.', Array<object>(64).fill({ text: '' }), TEXT_EMPTY),
  parts('nul', 'A NUL ends the text for C.', [{ text: 'hello\0, and more' }], PARAMS_INVALID),
  parts(
    'metadata',
    'A map on a part, with a session in it: kept nowhere.',
    [{ text: plainText('parts-metadata'), metadata: { sessionKey: 'agent:main:main' } }],
    accepted(plainText('parts-metadata')),
  ),
  parts(
    'type-markdown',
    'A kind of text is text.',
    [{ text: plainText('parts-type-markdown'), mediaType: 'text/markdown' }],
    accepted(plainText('parts-type-markdown')),
  ),
];

export const PART_ATTACKS: readonly Attack[] = [...addresses, ...others];
