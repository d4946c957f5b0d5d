import { accepted, HEADER_INVALID, HEADERS_TOO_LARGE, refused, UNAUTHENTICATED } from '../answers.ts';
import type { Aim, Answers, Attack } from '../attack.ts';
import { message, plainText, request } from '../bytes.ts';

type Lines = (token: string, aim: Aim) => readonly string[];

/** In place of the usual Authorization line; without a token there is none to dress. */
function dressed(name: string, why: string, lines: Lines, expect: Answers = [UNAUTHENTICATED]): Attack {
  const id = `credential-${name}`;
  const bytes = request({
    without: ['authorization'],
    lines: (aim) => (aim.token === null ? [] : lines(aim.token, aim)),
    body: message(id),
  });
  return { id, why, bytes, expect, withoutToken: [UNAUTHENTICATED] };
}

const one = (name: string, why: string, line: (token: string, aim: Aim) => string, expect?: Answers) =>
  dressed(name, why, (token, aim) => [line(token, aim)], expect);

const base64 = (text: string) => Buffer.from(text).toString('base64');
const taken = (name: string): Answers => [accepted(plainText(`credential-${name}`))];
const BAD_HEAD: Answers = [HEADER_INVALID];

export const CREDENTIAL_ATTACKS: readonly Attack[] = [
  dressed(
    'twice',
    'One is checked and the other one used.',
    (token, { other }) => [`authorization: Bearer ${token}`, `authorization: Bearer ${other.token}`],
    BAD_HEAD,
  ),
  dressed(
    'twice-equal',
    'Two equal ones are joined into a third.',
    (token) => Array<string>(2).fill(`authorization: Bearer ${token}`),
    BAD_HEAD,
  ),
  dressed(
    'twice-basic-first',
    'The first is of another scheme.',
    (token) => ['authorization: Basic YTpi', `authorization: Bearer ${token}`],
    BAD_HEAD,
  ),
  one(
    'lower-case-scheme',
    'The scheme has no case: stock clients must not be kept out.',
    (token) => `authorization: bearer ${token}`,
    taken('lower-case-scheme'),
  ),
  one(
    'upper-case-scheme',
    'Nor in upper case.',
    (token) => `AUTHORIZATION: BEARER ${token}`,
    taken('upper-case-scheme'),
  ),
  one(
    'basic',
    'Another scheme with the same token.',
    (token) => `authorization: Basic ${base64(`bob:${token}`)}`,
  ),
  one(
    'digest',
    'A scheme with parameters.',
    (token) => `authorization: Digest username="bob", response="${token}"`,
  ),
  one('token-scheme', 'The scheme that some APIs have.', (token) => `authorization: Token ${token}`),
  one('no-scheme', 'The bare token.', (token) => `authorization: ${token}`),
  one('scheme-only', 'The scheme alone: an empty token has a digest too.', () => 'authorization: Bearer'),
  one('scheme-and-space', 'The same with a space.', () => 'authorization: Bearer '),
  one('empty', 'An empty header.', () => 'authorization:'),
  one('two-spaces', 'Two spaces: one reader strips them.', (token) => `authorization: Bearer  ${token}`),
  one('tab', 'A tab in place of the space.', (token) => `authorization: Bearer\t${token}`),
  one(
    'comma',
    'A list of two.',
    (token, { other }) => `authorization: Bearer ${token}, Bearer ${other.token}`,
  ),
  one(
    'comma-parameter',
    'A parameter behind the token.',
    (token) => `authorization: Bearer ${token}, realm="a"`,
  ),
  one('semicolon', 'Another separator.', (token) => `authorization: Bearer ${token};a=b`),
  one(
    'space-inside',
    'A space within the token.',
    (token) => `authorization: Bearer ${token.slice(0, 8)} ${token.slice(8)}`,
  ),
  one(
    'space-behind',
    'Space behind a value is no part of it.',
    (token) => `authorization: Bearer ${token}   `,
    taken('space-behind'),
  ),
  one('nul-behind', 'A NUL ends the token for C.', (token) => `authorization: Bearer ${token}\0x`, BAD_HEAD),
  one(
    'control-behind',
    'A control character behind.',
    (token) => `authorization: Bearer ${token}\x01`,
    BAD_HEAD,
  ),
  one('quoted', 'Quotation marks that one reader strips.', (token) => `authorization: Bearer "${token}"`),
  one('brackets', 'A name and value in brackets.', (token) => `authorization: Bearer <${token}>`),
  one(
    'percent',
    'An encoded token is decoded by one reader.',
    (token) => `authorization: Bearer %${token.charCodeAt(0).toString(16)}${token.slice(1)}`,
  ),
  one('latin1', 'A letter beyond ASCII behind.', (token) => `authorization: Bearer ${token}\xe9`),
  one('cut', 'A prefix of the token.', (token) => `authorization: Bearer ${token.slice(0, -1)}`),
  one('longer', 'The token with one character more.', (token) => `authorization: Bearer ${token}a`),
  one('case-flipped', 'The token in upper case.', (token) => `authorization: Bearer ${token.toUpperCase()}`),
  one(
    'overlong',
    'A token of a thousand characters.',
    (token) => `authorization: Bearer ${token}${'a'.repeat(1000)}`,
  ),
  one(
    'huge',
    'A token larger than the head may be.',
    (token) => `authorization: Bearer ${token}${'a'.repeat(40_000)}`,
    [HEADERS_TOO_LARGE],
  ),
  one('asterisk', 'A wildcard.', () => 'authorization: Bearer *'),
  one('null-word', 'What a careless client sends.', () => 'authorization: Bearer null'),
  one('undefined-word', 'And another one.', () => 'authorization: Bearer undefined'),
  one(
    'jwt-none',
    'A token that says of itself that it needs no signature.',
    () => `authorization: Bearer ${base64('{"alg":"none"}')}.${base64('{"sub":"owner"}')}.`,
  ),
  one('sql', 'A quotation mark for the database.', () => "authorization: Bearer ' OR '1'='1"),
  one('object', 'A name of every object.', () => 'authorization: Bearer __proto__'),
  one(
    'digest-of-token',
    'What stands in the database, should it leak.',
    (token) => `authorization: Bearer ${Buffer.from(token).toString('hex')}`,
  ),
  one('folded', 'The token on a folded line.', (token) => `authorization:\r\n Bearer ${token}`, BAD_HEAD),
  one(
    'other-peer',
    'Another peer’s token, from our node.',
    (_token, { other }) => `authorization: Bearer ${other.token}`,
  ),
  one(
    'other-peer-basic',
    'The same in another scheme.',
    (_token, { other }) => `authorization: Basic ${base64(other.token)}`,
  ),
  dressed('in-header-token', 'The token in a header of another name.', (token) => [
    `token: ${token}`,
    `x-token: ${token}`,
  ]),
  {
    id: 'credential-in-query',
    why: 'A token in the query needs no header, and a page can send it.',
    bytes: request({
      without: ['authorization'],
      target: ({ alias, token }) => `/a2a/v1/${alias}?access_token=${token ?? ''}`,
    }),
    expect: [refused(404, 'path-unknown')],
  },
  {
    id: 'credential-in-userinfo',
    why: 'A token in front of the host.',
    bytes: request({
      without: ['authorization', 'host'],
      lines: ({ token, host }) => [`host: ${token ?? ''}@${host}`],
    }),
    expect: [UNAUTHENTICATED],
  },
  {
    id: 'credential-in-body',
    why: 'A token in the body, where some APIs take it.',
    bytes: request({
      without: ['authorization'],
      body: ({ token }) =>
        `{"jsonrpc":"2.0","id":1,"method":"SendMessage","token":"${token ?? ''}","params":{}}`,
    }),
    expect: [UNAUTHENTICATED],
  },
];
