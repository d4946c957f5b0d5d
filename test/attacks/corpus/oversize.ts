import {
  accepted,
  BODY_TOO_LARGE,
  BODY_UNPARSEABLE,
  HEADER_INVALID,
  HEADERS_TOO_LARGE,
  TEXT_EMPTY,
  TEXT_TOO_LONG,
} from '../answers.ts';
import type { Attack, Expectation } from '../attack.ts';
import { chunked, message, plainText, request, type Draft } from '../bytes.ts';

const BODY_BYTES = 256 * 1024;
const TEXT_BYTES = 64 * 1024;
const IN_CHUNKS: Draft = { without: ['content-length'], lines: ['transfer-encoding: chunked'] };

function oversize(name: string, why: string, changed: Draft, expect: Expectation): Attack {
  const id = `size-${name}`;
  return { id, why, bytes: request({ body: message(id), ...changed }), expect: [expect] };
}

const saying = (name: string, text: string, more = 1) =>
  message(`size-${name}`, { parts: Array<object>(more).fill({ text }) });

/** White space behind the value, so that the whole has exactly so many bytes. */
function padded(name: string, bytes: number): string {
  const body = message(`size-${name}`);
  return body + ' '.repeat(bytes - body.length);
}

const small = (count: number) => Array.from({ length: count }, (_, i) => `x-${i}: a`);

const heads: readonly Attack[] = [
  oversize(
    'header-33k',
    'One header larger than all may be.',
    { lines: [`x-a: ${'a'.repeat(33 * 1024)}`] },
    HEADERS_TOO_LARGE,
  ),
  oversize(
    'header-1m',
    'One of a megabyte fills the memory.',
    { lines: [`x-a: ${'a'.repeat(1024 * 1024)}`] },
    HEADERS_TOO_LARGE,
  ),
  oversize('header-name', 'A name without end.', { lines: [`${'a'.repeat(40_000)}: b`] }, HEADERS_TOO_LARGE),
  oversize('headers-many', 'Many small ones.', { lines: small(5_000) }, HEADERS_TOO_LARGE),
  oversize(
    'headers-empty',
    'Ten thousand without a value.',
    { lines: Array<string>(10_000).fill('x-a:') },
    HEADERS_TOO_LARGE,
  ),
  oversize(
    'headers-hidden',
    'A server that counts headers drops the last of them unseen: here it would be an Origin.',
    { lines: [...small(2_100), 'origin: http://a'] },
    HEADER_INVALID,
  ),
  oversize(
    'headers-within',
    'A thousand within the limit are no harm.',
    { lines: small(1_000) },
    accepted(plainText('size-headers-within')),
  ),
  oversize(
    'target',
    'A target larger than a head may be.',
    { target: `/a2a/v1/${'a'.repeat(40_000)}` },
    HEADERS_TOO_LARGE,
  ),
  oversize(
    'cookie',
    'A cookie that a page has filled.',
    { lines: [`cookie: ${'a=b; '.repeat(8_000)}`] },
    HEADERS_TOO_LARGE,
  ),
];

const bodies: readonly Attack[] = [
  oversize(
    'body-one-over',
    'One byte more than is allowed.',
    { body: padded('body-one-over', BODY_BYTES + 1) },
    BODY_TOO_LARGE,
  ),
  oversize(
    'body-exact',
    'Exactly as much as is allowed.',
    { body: padded('body-exact', BODY_BYTES) },
    accepted(plainText('size-body-exact')),
  ),
  oversize(
    'body-300k',
    'More than is allowed, all of it sent.',
    { body: saying('body-300k', 'a'.repeat(300 * 1024)) },
    BODY_TOO_LARGE,
  ),
  oversize('body-900k', 'Much more.', { body: saying('body-900k', 'a'.repeat(900 * 1024)) }, BODY_TOO_LARGE),
  oversize(
    'body-announced',
    'An announced length for which room is made.',
    { without: ['content-length'], lines: ['content-length: 999999999999'] },
    BODY_TOO_LARGE,
  ),
  oversize(
    'body-announced-max',
    'The largest length that still counts as one.',
    { without: ['content-length'], lines: ['content-length: 9007199254740991'] },
    BODY_TOO_LARGE,
  ),
  oversize(
    'body-chunked',
    'Chunks announce no length at all.',
    { ...IN_CHUNKS, body: chunked(saying('body-chunked', 'a'.repeat(300 * 1024))) },
    BODY_TOO_LARGE,
  ),
  oversize(
    'body-chunked-many',
    'One-byte chunks cost more than they carry.',
    { ...IN_CHUNKS, body: `${'1\r\n \r\n'.repeat(BODY_BYTES + 1)}0\r\n\r\n` },
    BODY_TOO_LARGE,
  ),
  oversize(
    'body-chunk-announced',
    'One chunk that announces more than there is room for.',
    { ...IN_CHUNKS, body: `7fffffff\r\n${'a'.repeat(300 * 1024)}` },
    BODY_TOO_LARGE,
  ),
  oversize(
    'body-spaces',
    'White space is read as long as it comes.',
    { body: ' '.repeat(BODY_BYTES) },
    BODY_UNPARSEABLE,
  ),
  oversize(
    'body-string',
    'One text that never ends.',
    { body: `"${'a'.repeat(BODY_BYTES - 1)}` },
    BODY_UNPARSEABLE,
  ),
  oversize(
    'body-escapes',
    'Escapes that are short on the wire and long behind it, or the other way round.',
    { body: saying('body-escapes', '\u0001'.repeat(40_000)) },
    accepted('\u0001'.repeat(40_000)),
  ),
  oversize(
    'body-keys',
    'A key of two hundred thousand letters.',
    { body: message('size-body-keys', { metadata: { ['k'.repeat(200_000)]: 1 } }) },
    accepted(plainText('size-body-keys')),
  ),
];

const texts: readonly Attack[] = [
  oversize(
    'text-exact',
    'Exactly as much text as is allowed.',
    { body: saying('text-exact', 'a'.repeat(TEXT_BYTES)) },
    accepted('a'.repeat(TEXT_BYTES)),
  ),
  oversize(
    'text-one-over',
    'One byte more.',
    { body: saying('text-one-over', 'a'.repeat(TEXT_BYTES + 1)) },
    TEXT_TOO_LONG,
  ),
  oversize(
    'text-multibyte',
    'Letters of two bytes: half as many reach the limit.',
    { body: saying('text-multibyte', 'é'.repeat(TEXT_BYTES / 2 + 1)) },
    TEXT_TOO_LONG,
  ),
  oversize(
    'text-astral',
    'Letters of four bytes, of which half as many units are seen.',
    { body: saying('text-astral', '\u{1f600}'.repeat(TEXT_BYTES / 4 + 1)) },
    TEXT_TOO_LONG,
  ),
  oversize(
    'text-in-parts',
    'Parts that are within the limit one by one.',
    { body: saying('text-in-parts', 'a'.repeat(2_000), 64) },
    TEXT_TOO_LONG,
  ),
  oversize(
    'text-joints',
    'The line feeds between the parts count too.',
    { body: saying('text-joints', 'a'.repeat(1024), 64) },
    TEXT_TOO_LONG,
  ),
  oversize(
    'text-white',
    'Nothing but white space, and more of it than is allowed.',
    { body: saying('text-white', ' '.repeat(TEXT_BYTES + 1)) },
    TEXT_EMPTY,
  ),
];

export const OVERSIZE_ATTACKS: readonly Attack[] = [...heads, ...bodies, ...texts];
