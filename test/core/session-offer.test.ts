/** What the owner is told of the sessions that the gateway has: what each is, and whether it can be offered. */
import { expect, it } from 'vitest';
import { sessionOffer } from '../../src/core/session-offer.ts';

it.each([
  ['agent:main:peer-bob', 'plain', 'yes'],
  ['agent:main:main', 'main', 'yes'],
  ['agent:main:cron:nightly', 'cron', 'special'],
  ['agent:main:whatsapp:direct:+316', 'channel', 'special'],
  ['agent:main:signal:group:AbC', 'channel', 'special'],
  ['agent:main:incognito-1', 'incognito', 'no'],
  ['agent:main:global', 'global', 'no'],
  ['global', 'global', 'no'],
  ['unknown', 'unknown', 'no'],
  ['cron:nightly', 'cron', 'no'],
  ['agent:main', 'plain', 'no'],
  ['agent:main:two words', 'plain', 'no'],
])('%s is %s, and is offered: %s', (key, kind, offer) => {
  expect(sessionOffer(key)).toEqual({ kind, offer });
});

it('offers no key that would be read as another one', () => {
  expect(sessionOffer('agent:main:Peer-Bob').offer).toBe('no');
  expect(sessionOffer('agent:main:Cron:nightly').offer).toBe('no');
});
