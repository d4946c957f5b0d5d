import {
  HEALTH,
  HEALTH_TO_EVERYONE,
  METHOD_NOT_ALLOWED,
  PATH_UNKNOWN,
  REQUEST_TIMEOUT,
  UNAUTHENTICATED,
  UPGRADE_REFUSED,
} from '../answers.ts';
import type { Answers, Attack, Bytes, Pace } from '../attack.ts';
import { request, type Draft } from '../bytes.ts';

/** Longer than any limit of the stack, at one byte every twenty milliseconds. */
const ENDLESS = 4_000;
const DRIBBLE: Pace = { slice: 1, pauseMs: 20 };
const BODY_DRIBBLE: Pace = { ...DRIBBLE, headFirst: true };
const SILENCE: Pace = {};

function slow(name: string, why: string, bytes: Bytes, pace: Pace, expect: Answers): Attack {
  return { id: `slow-${name}`, why, bytes, pace, expect };
}

/** What never becomes a head is the same from everybody. */
function headless(name: string, why: string, bytes: Bytes, pace: Pace = SILENCE): Attack {
  const expect: Answers = [REQUEST_TIMEOUT];
  return { ...slow(name, why, bytes, pace, expect), withoutToken: expect, wrongNode: expect };
}

/** A whole head, and a body that never ends: who is known may take the time of a request, all others are sent away at once. */
function bodiless(name: string, why: string, draft: Draft, pace: Pace = SILENCE): Attack {
  return slow(name, why, request(draft), pace, [REQUEST_TIMEOUT]);
}

const words =
  (text: string): Bytes =>
  () =>
    Buffer.from(text);
const HALF = 'POST /a2a/v1 HTTP/1.1\r\nhost: a\r\n';
const LONG: Draft = { without: ['content-length'], lines: ['content-length: 10000'] };
const CHUNKED: Draft = { without: ['content-length'], lines: ['transfer-encoding: chunked'] };

const heads: readonly Attack[] = [
  headless('nothing', 'A connection on which nothing is said, as many as there may be.', words('')),
  headless('one-byte', 'One byte and silence.', words('P')),
  headless('half-line', 'Half a request line.', words('POST /a2a')),
  headless('half-head', 'A head that does not end.', words(HALF)),
  headless('half-h2-preface', 'Half a preface of HTTP/2.', words('PRI * HTTP/2.0\r\n\r\n')),
  headless(
    'blank-lines',
    'Blank lines in front of a request are skipped for ever.',
    words('\r\n'.repeat(ENDLESS)),
    { slice: 2, pauseMs: 20 },
  ),
  headless(
    'line-dribble',
    'A request line that comes a letter at a time.',
    words(`GET /${'a'.repeat(ENDLESS)}`),
    DRIBBLE,
  ),
  headless(
    'head-dribble',
    'Headers that come a letter at a time.',
    words(`${HALF}x-a: ${'a'.repeat(ENDLESS)}`),
    DRIBBLE,
  ),
  headless(
    'header-drip',
    'One more header every now and then.',
    words(HALF + 'x-a: b\r\n'.repeat(ENDLESS / 8)),
    { slice: 8, pauseMs: 100 },
  ),
];

const bodies: readonly Attack[] = [
  bodiless('no-body', 'A head that announces a body, and silence.', { ...LONG, body: '' }),
  bodiless('half-body', 'Half a body, and silence.', { ...LONG, body: '{"jsonrpc":' }),
  bodiless(
    'body-dribble',
    'A body that comes a letter at a time, for as long as it is read.',
    { without: ['content-length'], lines: ['content-length: 250000'], body: ' '.repeat(50 * ENDLESS) },
    { slice: 50, pauseMs: 20, headFirst: true },
  ),
  bodiless(
    'body-spaces',
    'White space a byte at a time.',
    { ...LONG, body: ' '.repeat(ENDLESS) },
    BODY_DRIBBLE,
  ),
  bodiless('no-chunk', 'Chunks that never begin.', { ...CHUNKED, body: '' }),
  bodiless('half-chunk', 'A chunk that does not end.', { ...CHUNKED, body: 'ff\r\n{' }),
  bodiless('no-last-chunk', 'Chunks that never end.', { ...CHUNKED, body: '2\r\n{}\r\n' }),
  bodiless(
    'chunk-dribble',
    'One-byte chunks for as long as they are read.',
    { ...CHUNKED, body: '1\r\n \r\n'.repeat(ENDLESS / 6) },
    { slice: 6, pauseMs: 20, headFirst: true },
  ),
  bodiless(
    'chunk-size-dribble',
    'A size that never ends.',
    { ...CHUNKED, body: '0'.repeat(ENDLESS) },
    BODY_DRIBBLE,
  ),
  bodiless(
    'trailer-dribble',
    'Trailers that never end.',
    { ...CHUNKED, body: `2\r\n{}\r\n0\r\n${'x-a: b\r\n'.repeat(ENDLESS / 8)}` },
    { slice: 8, pauseMs: 20, headFirst: true },
  ),
];

const refusals: readonly Attack[] = [
  slow(
    'refused-path-no-body',
    'A refused request whose body never comes holds the connection.',
    request({ ...LONG, target: '/nowhere', body: '' }),
    SILENCE,
    [PATH_UNKNOWN],
  ),
  slow(
    'refused-method-no-body',
    'The same with another method.',
    request({ method: 'PUT', lines: ['content-length: 1000'] }),
    SILENCE,
    [METHOD_NOT_ALLOWED],
  ),
  slow(
    'refused-token-no-body',
    'The same without a token.',
    request({ ...LONG, without: ['content-length', 'authorization'], body: '' }),
    SILENCE,
    [UNAUTHENTICATED],
  ),
  slow(
    'refused-path-dribble',
    'A refused request whose body comes a letter at a time.',
    request({ ...LONG, target: '/nowhere', body: ' '.repeat(ENDLESS) }),
    BODY_DRIBBLE,
    [PATH_UNKNOWN],
  ),
  slow(
    'refused-upgrade-silence',
    'A refused upgrade whose sender does not close.',
    request({
      method: 'GET',
      target: '/health',
      without: ['connection'],
      lines: ['connection: upgrade', 'upgrade: websocket'],
    }),
    SILENCE,
    [UPGRADE_REFUSED],
  ),
  slow(
    'kept-alive',
    'A connection that was served is held without a second request.',
    request({ method: 'GET', target: '/health', without: ['connection'] }),
    SILENCE,
    [HEALTH],
  ),
  {
    ...slow(
      'kept-alive-half',
      'The second request on it is never finished.',
      request({ method: 'GET', target: '/health', without: ['connection'], behind: words(HALF) }),
      SILENCE,
      [HEALTH, REQUEST_TIMEOUT],
    ),
    withoutToken: [HEALTH_TO_EVERYONE, REQUEST_TIMEOUT],
    wrongNode: [HEALTH_TO_EVERYONE, REQUEST_TIMEOUT],
  },
];

export const SLOW_ATTACKS: readonly Attack[] = [...heads, ...bodies, ...refusals];
