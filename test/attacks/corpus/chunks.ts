import { accepted, BODY_TOO_LARGE, HEADER_INVALID, HEADERS_TOO_LARGE } from '../answers.ts';
import type { Answers, Attack } from '../attack.ts';
import { chunked, message, plainText, request } from '../bytes.ts';
import { lined, fromAnybody } from './build.ts';

/** In chunked coding, its chunks written out. */
function inChunks(id: string, why: string, chunks: (body: string) => string, ...expect: Answers): Attack {
  const body = chunks(message(id));
  return {
    id,
    why,
    bytes: request({ without: ['content-length'], lines: ['transfer-encoding: chunked'], body }),
    expect,
  };
}

export const CHUNK_ATTACKS: readonly Attack[] = [
  inChunks(
    'head-chunks-plain',
    'Chunks alone are no trick: a check that refuses too much keeps stock clients out.',
    chunked,
    accepted(plainText('head-chunks-plain')),
  ),
  inChunks(
    'head-chunk-hex-prefix',
    'A size of 0x5 is five here and zero there.',
    () => '0x5\r\nhello\r\n0\r\n\r\n',
    HEADER_INVALID,
  ),
  inChunks('head-chunk-plus', 'A size with a sign.', () => '+5\r\nhello\r\n0\r\n\r\n', HEADER_INVALID),
  inChunks(
    'head-chunk-minus',
    'A negative size wraps round.',
    () => '-1\r\nhello\r\n0\r\n\r\n',
    HEADER_INVALID,
  ),
  inChunks(
    'head-chunk-space',
    'A space in front of the size.',
    () => ' 5\r\nhello\r\n0\r\n\r\n',
    HEADER_INVALID,
  ),
  inChunks(
    'head-chunk-overflow',
    'A size beyond 64 bits wraps round.',
    () => '10000000000000005\r\nhello\r\n0\r\n\r\n',
    HEADER_INVALID,
  ),
  inChunks(
    'head-chunk-letters',
    'A size that is no number.',
    () => 'zz\r\nhello\r\n0\r\n\r\n',
    HEADER_INVALID,
  ),
  inChunks(
    'head-chunk-empty-size',
    'No size counts as the end for one reader.',
    () => '\r\nhello\r\n0\r\n\r\n',
    HEADER_INVALID,
  ),
  inChunks(
    'head-chunk-long',
    'A chunk longer than its size leaves bytes for the next reader.',
    () => '3\r\nhello\r\n0\r\n\r\n',
    HEADER_INVALID,
  ),
  inChunks(
    'head-chunk-bare-lf',
    'A bare line feed ends the size for one reader only.',
    () => '5\nhello\n0\n\n',
    HEADER_INVALID,
  ),
  inChunks('head-chunk-bare-cr', 'A bare carriage return likewise.', () => '5\rhello\r0\r\r', HEADER_INVALID),
  inChunks(
    'head-chunk-lf-behind-data',
    'A bare line feed behind the data.',
    (body) => `${body.length.toString(16)}\r\n${body}\n0\r\n\r\n`,
    HEADER_INVALID,
  ),
  inChunks(
    'head-chunk-extension-newline',
    'An extension in which a bare line feed starts a second line for one reader.',
    (body) => `${body.length.toString(16)};a\n\r\n${body}\r\n0\r\n\r\n`,
    HEADER_INVALID,
  ),
  fromAnybody(
    inChunks(
      'head-chunk-extensions-huge',
      'Extensions without end are counted against no limit.',
      () => `5;${'a'.repeat(100_000)}\r\nhello\r\n0\r\n\r\n`,
      BODY_TOO_LARGE,
    ),
  ),
  inChunks(
    'head-chunk-extension',
    'An extension that nobody has defined is read by one server and skipped by the next.',
    (body) => `${body.length.toString(16)};a="b"\r\n${body}\r\n0\r\n\r\n`,
    accepted(plainText('head-chunk-extension')),
  ),
  inChunks(
    'head-chunks-small',
    'The text is cut anywhere, between the bytes of a character too.',
    (body) => `${body.replace(/./gs, (letter) => `1\r\n${letter}\r\n`)}0\r\n\r\n`,
    accepted(plainText('head-chunks-small')),
  ),
  inChunks(
    'head-chunk-zeros',
    'Zeros in front of a size.',
    (body) => `000000${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    accepted(plainText('head-chunk-zeros')),
  ),
  inChunks(
    'head-trailer-authorization',
    'A header behind the body is merged into those that were checked.',
    (body) => `${body.length.toString(16)}\r\n${body}\r\n0\r\nauthorization: Bearer other\r\n\r\n`,
    accepted(plainText('head-trailer-authorization')),
  ),
  inChunks(
    'head-trailer-huge',
    'Trailers without end are counted against no limit.',
    (body) => `${body.length.toString(16)}\r\n${body}\r\n0\r\nx-a: ${'a'.repeat(100_000)}\r\n\r\n`,
    HEADERS_TOO_LARGE,
  ),
  lined('head-trailer-announced', 'An announced trailer replaces a header after the check.', [
    'trailer: authorization',
  ]),
];
