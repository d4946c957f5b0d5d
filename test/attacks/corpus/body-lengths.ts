import { accepted, HEADER_INVALID } from '../answers.ts';
import type { Attack } from '../attack.ts';
import { chunked, plainText } from '../bytes.ts';
import { drafted, lined } from './build.ts';

const lengths: readonly Attack[] = [
  ['plus', '+5', 'A sign is dropped by one reader and refused by the next.'],
  ['minus', '-1', 'A negative length wraps round to a huge one.'],
  ['hex', '0x40', 'Hexadecimal is sixty-four here and zero there.'],
  ['space-inside', '1 0', 'A space ends the number for one reader.'],
  ['list', '5, 5', 'A list of equal lengths is folded into one by some.'],
  ['list-unequal', '5, 6', 'A list of unequal ones, of which each takes another.'],
  ['empty', '', 'No length counts as zero for one reader.'],
  ['decimal', '5.0', 'A point ends the number for one reader.'],
  ['exponent', '1e2', 'An exponent is a hundred here and one there.'],
  ['letters', 'abc', 'Letters are zero for one reader.'],
  ['quoted', '"5"', 'Quotation marks are stripped by one reader.'],
  ['beyond-64-bits', '18446744073709551617', 'Beyond 64 bits it wraps round to one.'],
  ['fullwidth', '\xef\xbc\x95', 'A digit of another script is a digit for some.'],
  ['vertical-tab', '\x0b5', 'White space of another kind in front.'],
].map(([name = '', value = '', why = '']) =>
  drafted(
    `head-length-${name}`,
    why,
    { without: ['content-length'], lines: [`content-length: ${value}`] },
    HEADER_INVALID,
  ),
);

const framing: readonly Attack[] = [
  lined(
    'head-cl-te',
    'The front goes by the length, the back by the chunks: what is left over is a request of its own.',
    ['transfer-encoding: chunked'],
  ),
  drafted(
    'head-te-cl',
    'The same the other way round.',
    { without: ['content-length'], lines: ['transfer-encoding: chunked', 'content-length: 4'] },
    HEADER_INVALID,
  ),
  drafted(
    'head-cl-te-smuggled',
    'A whole second request stands in what the length covers and the chunks do not.',
    {
      lines: ['transfer-encoding: chunked'],
      body: (aim) => `0\r\n\r\nGET /health HTTP/1.1\r\nhost: ${aim.host}\r\n\r\n`,
    },
    HEADER_INVALID,
  ),
  lined('head-cl-twice', 'Two lengths, of which each reader takes another.', ['content-length: 5']),
  drafted(
    'head-cl-twice-equal',
    'Two equal lengths are let through by a check that only compares.',
    {
      without: ['content-length'],
      lines: ['content-length: 10', 'content-length: 10'],
    },
    HEADER_INVALID,
  ),
  drafted(
    'head-te-twice',
    'The second coding hides the first.',
    {
      without: ['content-length'],
      lines: ['transfer-encoding: chunked', 'transfer-encoding: identity'],
      body: chunked('{}'),
    },
    HEADER_INVALID,
  ),
  drafted(
    'head-te-twice-chunked',
    'Chunked twice is chunks in chunks for one reader.',
    {
      without: ['content-length'],
      lines: ['transfer-encoding: chunked', 'transfer-encoding: chunked'],
      body: chunked('{}'),
    },
    HEADER_INVALID,
  ),
  ...[
    ['gzip-chunked', 'gzip, chunked', 'A list whose first coding one reader ignores.'],
    ['chunked-identity', 'chunked, identity', 'A last coding that is not chunked.'],
    ['xchunked', 'xchunked', 'A name that ends in chunked.'],
    ['space-behind', 'chunked,', 'An empty element behind.'],
    ['quoted', '"chunked"', 'Quotation marks that one reader strips.'],
    ['tab', '\tchunked\t,', 'A tab in front and a comma behind.'],
    ['vertical-tab', '\x0bchunked', 'White space of another kind in front.'],
    ['identity', 'identity', 'A coding that HTTP no longer has.'],
    ['empty', '', 'A coding without a name.'],
    ['nul', 'chunked\0', 'A NUL behind the name ends it for C.'],
  ].map(([name = '', value = '', why = '']) =>
    drafted(
      `head-te-${name}`,
      why,
      { without: ['content-length'], lines: [`transfer-encoding: ${value}`], body: chunked('{}') },
      HEADER_INVALID,
    ),
  ),
  drafted(
    'head-te-underscore',
    'A gateway that turns underscores into dashes reads a coding that we do not.',
    { lines: ['transfer_encoding: chunked'] },
    accepted(plainText('head-te-underscore')),
  ),
  drafted(
    'head-length-leading-zeros',
    'Leading zeros are octal for one reader.',
    { without: ['content-length'], lines: ['content-length: 000000000000000000010'], body: '0123456789' },
    HEADER_INVALID,
  ),
  drafted(
    'head-no-length',
    'A request without any length ends where the reader likes.',
    { without: ['content-length'], body: '' },
    HEADER_INVALID,
  ),
  drafted(
    'head-no-length-body',
    'And what follows is a request of its own for one reader.',
    { without: ['content-length'] },
    HEADER_INVALID,
  ),
  drafted(
    'head-get-with-body',
    'A body on a GET is the next request for whoever does not expect it.',
    { method: 'GET', target: '/health', lines: ['content-length: 2'], behind: () => Buffer.from('{}') },
    HEADER_INVALID,
  ),
  drafted(
    'head-get-chunked',
    'The same in chunks.',
    {
      method: 'GET',
      target: '/health',
      lines: ['transfer-encoding: chunked'],
      behind: () => Buffer.from(chunked('{}')),
    },
    HEADER_INVALID,
  ),
];

/** Requests of which two servers see two different ends. */
export const BODY_LENGTH_ATTACKS: readonly Attack[] = [...lengths, ...framing];
