import {
  accepted,
  CONTENT_TYPE_UNSUPPORTED,
  HEADER_INVALID,
  METHOD_NOT_ALLOWED,
  UNAUTHENTICATED,
} from '../answers.ts';
import type { Attack, Expectation } from '../attack.ts';
import { message, plainText, request, type Draft } from '../bytes.ts';

function page(name: string, why: string, changed: Draft, expect?: Expectation): Attack {
  const id = `page-${name}`;
  return {
    id,
    why,
    bytes: request({ body: message(id), ...changed }),
    expect: [expect ?? accepted(plainText(id))],
  };
}

const origin = (name: string, value: string, why: string) =>
  page(name, why, { lines: [`origin: ${value}`] }, HEADER_INVALID);

/** What a web page in a browser on the tailnet can make that browser send. */
export const WEB_PAGE_ATTACKS: readonly Attack[] = [
  origin('origin', 'http://evil.example', 'Any page posts here with the browser’s place on the tailnet.'),
  origin('origin-null', 'null', 'A page in a sandbox has no origin to speak of.'),
  origin('origin-empty', '', 'An empty origin is none for one reader.'),
  origin('origin-own', 'http://100.64.0.1:8080', 'After DNS rebinding the page seems to be ours.'),
  origin('origin-localhost', 'http://localhost:18789', 'The gateway’s own page.'),
  origin('origin-extension', 'chrome-extension://a', 'An extension of the browser.'),
  origin('origin-upper', 'HTTP://EVIL.EXAMPLE', 'The same in upper case.'),
  page(
    'origin-twice',
    'Two origins, of which one is harmless.',
    { lines: ['origin: null', 'origin: http://a'] },
    HEADER_INVALID,
  ),
  page(
    'origin-health',
    'A page finds out which machines run this.',
    { method: 'GET', target: '/health', lines: ['origin: http://a'] },
    HEADER_INVALID,
  ),
  page(
    'origin-card',
    'A page reads the aliases.',
    { method: 'GET', target: '/.well-known/agent-card.json', lines: ['origin: http://a'] },
    HEADER_INVALID,
  ),
  page(
    'preflight',
    'A browser asks for leave to post JSON.',
    {
      method: 'OPTIONS',
      lines: [
        'origin: http://a',
        'access-control-request-method: POST',
        'access-control-request-headers: authorization',
      ],
    },
    METHOD_NOT_ALLOWED,
  ),
  page(
    'preflight-private-network',
    'The same for a private network.',
    {
      method: 'OPTIONS',
      lines: ['origin: http://a', 'access-control-request-private-network: true'],
    },
    METHOD_NOT_ALLOWED,
  ),
  page(
    'simple-text',
    'A plain-text post needs no leave.',
    { without: ['content-type'], lines: ['content-type: text/plain;charset=UTF-8'] },
    CONTENT_TYPE_UNSUPPORTED,
  ),
  page(
    'simple-form',
    'A form whose only field is JSON.',
    {
      without: ['content-type'],
      lines: ['content-type: application/x-www-form-urlencoded'],
      body: '{"jsonrpc":"2.0","a":"=b"}',
    },
    CONTENT_TYPE_UNSUPPORTED,
  ),
  page(
    'simple-multipart',
    'An upload.',
    { without: ['content-type'], lines: ['content-type: multipart/form-data; boundary=a'], body: '--a--' },
    CONTENT_TYPE_UNSUPPORTED,
  ),
  page(
    'beacon',
    'A beacon is sent while the page closes.',
    { without: ['content-type'], lines: ['content-type: application/json;charset=UTF-16'] },
    CONTENT_TYPE_UNSUPPORTED,
  ),
  page('cookie', 'A cookie counts as a login at the gateway.', {
    lines: ['cookie: openclaw_session=a; token=b'],
  }),
  page(
    'cookie-instead',
    'A cookie in place of the token.',
    {
      without: ['authorization'],
      lines: ({ token }) => (token === null ? [] : [`cookie: token=${token}; authorization=Bearer ${token}`]),
    },
    UNAUTHENTICATED,
  ),
  page('referer', 'Where the page was: of no interest here.', { lines: ['referer: http://evil.example/'] }),
  page('fetch-metadata', 'What a browser says of itself: not relied upon, since it can be left out.', {
    lines: ['sec-fetch-site: cross-site', 'sec-fetch-mode: no-cors'],
  }),
  page(
    'rebinding-host',
    'A name of the attacker’s that points here; without a token it is worth nothing.',
    {
      without: ['host', 'authorization'],
      lines: ['host: evil.example'],
    },
    UNAUTHENTICATED,
  ),
];
