import {
  CARD,
  HEADER_INVALID,
  METHOD_NOT_ALLOWED,
  refused,
  UNAUTHENTICATED,
  UPGRADE_REFUSED,
} from '../answers.ts';
import type { Attack, Expectation } from '../attack.ts';
import { request, type Draft } from '../bytes.ts';

const TARGET = '/.well-known/agent-card.json';

/** The card is for the node alone, with or without a token: what stands in the request cannot change whose it is. */
function card(name: string, why: string, changed: Draft, expect: Expectation = CARD): Attack {
  const attack: Attack = {
    id: `card-${name}`,
    why,
    bytes: request({ method: 'GET', target: TARGET, ...changed }),
    expect: [expect],
  };
  return expect.kind === 'card' ? { ...attack, withoutToken: [CARD], wrongNode: [UNAUTHENTICATED] } : attack;
}

export const AGENT_CARD_ATTACKS: readonly Attack[] = [
  card('plain', 'Who is here, and which aliases are there.', {}),
  card('token-of-other', 'The aliases of another peer, with its token.', {
    without: ['authorization'],
    lines: ({ other }) => [`authorization: Bearer ${other.token}`],
  }),
  card('token-bad', 'A bad token gets another answer than none.', {
    without: ['authorization'],
    lines: ['authorization: Bearer a'],
  }),
  card('forwarded', 'The card of another address.', {
    lines: ['x-forwarded-for: 127.0.0.3', 'tailscale-user-login: ncarol@example.com'],
  }),
  card('other-host', 'An address in the card that the sender chooses.', {
    without: ['host'],
    lines: ['host: evil.example'],
  }),
  card('conditional', 'An answer without a body.', {
    lines: ['if-none-match: *', 'if-modified-since: Thu, 01 Jan 2099 00:00:00 GMT'],
  }),
  card('range', 'A piece of the card.', { lines: ['range: bytes=0-10'] }),
  card('head', 'Whether there is one, without being asked for it.', { method: 'HEAD' }, refused(405, null)),
  card('options', 'A browser asks whether a page may read it.', { method: 'OPTIONS' }, METHOD_NOT_ALLOWED),
  card(
    'put',
    'A card of the sender’s own.',
    { method: 'PUT', lines: ['content-length: 0'] },
    METHOD_NOT_ALLOWED,
  ),
  card(
    'body',
    'A body on a GET is the next request for whoever does not expect it.',
    { lines: ['content-length: 2'], behind: () => Buffer.from('{}') },
    HEADER_INVALID,
  ),
  card('origin', 'A page reads the aliases.', { lines: ['origin: http://evil.example'] }, HEADER_INVALID),
  card(
    'authorization-twice',
    'Two tokens, of which one is another peer’s.',
    {
      lines: ({ other, token }) =>
        token === null
          ? ['authorization: Bearer a', 'authorization: Bearer b']
          : [`authorization: Bearer ${other.token}`],
    },
    HEADER_INVALID,
  ),
  card(
    'upgrade',
    'A socket on the path of the card.',
    { without: ['connection'], lines: ['connection: upgrade', 'upgrade: websocket'] },
    UPGRADE_REFUSED,
  ),
];
