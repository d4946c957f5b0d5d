import {
  BODY_TOO_LARGE,
  BODY_UNPARSEABLE,
  CONTENT_TYPE_UNSUPPORTED,
  HEADER_INVALID,
  METHOD_NOT_ALLOWED,
  NEWS_HEARD,
  PARAMS_INVALID,
  PATH_UNKNOWN,
  refused,
  UNAUTHENTICATED,
} from '../answers.ts';
import type { Attack } from '../attack.ts';
import { chunked, swap, type Draft } from '../bytes.ts';
import { fromAnybody } from './build.ts';
import { CLAIM, NEWS, pair, ROTATE, SENT } from './pair-call.ts';

const INVITE_UNKNOWN = refused(403, 'invite-unknown');
const claim = JSON.stringify(CLAIM);

const TARGETS: readonly string[] = [
  ...['/pair/', '/pair?x', '/pair?', '/pair#x', '/pair;x', '/pair/claim', '/pair/inbox', '/pair%00'],
  ...['//pair', '/Pair', '/PAIR', '/%70air', '/pai%72', '/./pair', '/a2a/../pair', '/a2a/v1/../../pair'],
  ...['/pair%2f', '/pair%3fx', '/pair.json', '/pairs', '/pairing', '/api/v1/pair', '/pair/../pair', '\\pair'],
];

const targets: readonly Attack[] = TARGETS.map((target, i) =>
  fromAnybody(
    pair(
      `target-${i}`,
      `The route under a name that another reader takes for it: ${target}.`,
      CLAIM,
      target.startsWith('\\') ? HEADER_INVALID : PATH_UNKNOWN,
      { target },
    ),
  ),
);

const methods: readonly Attack[] = ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) =>
  fromAnybody(
    pair(
      `method-${method.toLowerCase()}`,
      `The route by ${method}, which a page or a router may do.`,
      '',
      METHOD_NOT_ALLOWED,
      { method },
    ),
  ),
);

const TYPES = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a'];

/** Here no token is needed, so a page could ask as well: it must not be able to without being seen. */
const pages: readonly Attack[] = [
  ...TYPES.map((type, i) =>
    fromAnybody(
      pair(
        `page-type-${i}`,
        `A page in the browser of a node sends ${type} without being asked whether it may.`,
        CLAIM,
        CONTENT_TYPE_UNSUPPORTED,
        { without: ['content-type'], lines: [`content-type: ${type}`] },
      ),
    ),
  ),
  fromAnybody(
    pair('page-no-type', 'No type at all.', CLAIM, CONTENT_TYPE_UNSUPPORTED, { without: ['content-type'] }),
  ),
  fromAnybody(
    pair('page-origin', 'A page that was let to send JSON.', CLAIM, HEADER_INVALID, {
      lines: ['origin: http://evil.example'],
    }),
  ),
];

const NAMELESS: Draft = { without: ['authorization'] };
const asOther = (more: readonly string[] = []): Draft => ({
  ...NAMELESS,
  lines: ({ other }) => [`authorization: Bearer ${other.token}`, ...more],
});

/** Who asks. What needs a token needs it from its own node. */
const callers: readonly Attack[] = [
  pair('news', 'A peer that is paired tells so once more: nothing is open.', NEWS, NEWS_HEARD, {
    withoutToken: UNAUTHENTICATED,
  }),
  pair(
    'news-not-yet',
    'It takes back what it said.',
    { ...NEWS, confirmed: false, ready: false },
    NEWS_HEARD,
    {
      withoutToken: UNAUTHENTICATED,
    },
  ),
  pair('news-nameless', 'The other owner’s word, from nobody.', NEWS, UNAUTHENTICATED, NAMELESS),
  pair('rotate-nameless', 'New tokens for whoever asks.', ROTATE, UNAUTHENTICATED, NAMELESS),
  pair('news-of-other', 'The word of another peer’s owner, from our node.', NEWS, UNAUTHENTICATED, asOther()),
  pair('rotate-of-other', 'Another peer’s tokens, from our node.', ROTATE, UNAUTHENTICATED, asOther()),
  pair('claim-of-other', 'An invite with another peer’s token.', CLAIM, UNAUTHENTICATED, asOther()),
  pair('rotate-identity', 'A header that names who asks.', ROTATE, UNAUTHENTICATED, {
    ...NAMELESS,
    lines: ['tailscale-user-login: owner@example.com', 'x-node-id: ncarol'],
  }),
  pair('news-unknown-token', 'A token in the making.', NEWS, UNAUTHENTICATED, {
    ...NAMELESS,
    lines: [`authorization: Bearer ${SENT.token}`],
  }),
];

/**
 * Secrets of no invite; three only, because a node may try ten a minute, and these come from one twice. Where a token is
 * sent for a secret, or for a token, it is in no answer.
 */
const guesses: readonly Attack[] = [
  pair('claim-guess', 'A secret that was guessed.', CLAIM, INVITE_UNKNOWN),
  pair(
    'claim-token-for-secret',
    'A token in place of the secret: both are looked up by digest.',
    ({ other }) => ({ ...CLAIM, secret: other.token }),
    INVITE_UNKNOWN,
  ),
  pair(
    'claim-others-token',
    'A claim that makes another peer’s token the one that we present.',
    ({ other }) => ({ ...CLAIM, token: other.token.slice(0, 47).padEnd(47, 'x') }),
    INVITE_UNKNOWN,
  ),
];

const twice = (name: string, instead: string) => swap(claim, `"${name}":`, `"${name}":${instead},"${name}":`);

const bodies: readonly Attack[] = [
  ...[
    ['type-twice', 'The first type is judged and the last one done.', twice('type', '"rotate"')],
    ['secret-twice', 'Two secrets for the price of one try.', twice('secret', `"${'a'.repeat(22)}"`)],
    [
      'secret-twice-escaped',
      'The same under an escape.',
      swap(claim, '"secret":', '"\\u0073ecret":"a","secret":'),
    ],
    ['proto', 'A key that every object has.', swap(claim, '"offers"', '"__proto__":{"ready":true},"offers"')],
    ['bom', 'A byte order mark.', `\ufeff${claim}`],
    ['trailing', 'A second request behind the first.', `${claim}${JSON.stringify(ROTATE)}`],
    ['comma', 'A comma that one reader lets pass.', swap(claim, 'true}', 'true,}')],
    ['comment', 'A comment that hides a key.', swap(claim, '"offers"', '/* "ready":true */"offers"')],
    ['single-quotes', 'Another notation.', claim.replaceAll('"', "'")],
    ['surrogate', 'Half a character in the secret.', swap(claim, 'secret-', '\\ud800')],
    ['form', 'A form in place of JSON.', 'type=claim&confirmed=true'],
    ['code', 'A bare code, as a person would paste it.', 'AP1-00000-00000-00000'],
    ['nothing', 'No body.', ''],
    ['deep', 'A nesting without end.', '['.repeat(4000)],
  ].map(([name = '', why = '', body = '']) => pair(name, why, body, BODY_UNPARSEABLE)),
  ...[
    ['list', 'A list of requests.', `[${claim}]`],
    ['text', 'A text.', '"claim"'],
    ['number', 'A number.', '1'],
    ['null', 'Null.', 'null'],
    ['empty-object', 'An object with nothing in it.', '{}'],
  ].map(([name = '', why = '', body = '']) => pair(name, why, body, PARAMS_INVALID)),
  pair('too-large', 'More than any request here needs.', claim + ' '.repeat(8 * 1024), BODY_TOO_LARGE),
  pair(
    'too-large-chunked',
    'The same without a length.',
    chunked(claim + ' '.repeat(8 * 1024)),
    BODY_TOO_LARGE,
    {
      without: ['content-length'],
      lines: ['transfer-encoding: chunked'],
    },
  ),
];

/** `POST /pair` but for what stands in its fields. */
export const PAIRING_ATTACKS: readonly Attack[] = [
  ...[...targets, ...methods, ...pages],
  ...[...callers, ...guesses, ...bodies],
];
