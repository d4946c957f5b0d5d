/** What the owner is told of a session key, and the words that only look like those of the gateway. */
import { describe, expect, it } from 'vitest';
import { problemLine } from '../../src/core/parsed.ts';
import { storedForm } from '../../src/core/session-key-form.ts';
import { parseSessionKey, sessionKeyKind } from '../../src/core/session-key.ts';

const FIX =
  'Use agent:<agent id>:<name>, for example agent:main:peer-bob; `agent-peer aliases` shows those in use';

/** Without options, as every caller but the one that has the owner's word. */
const told = (raw: string, where?: string): string => {
  const result = parseSessionKey(raw, where);
  return result.ok ? 'taken' : problemLine(result.problem);
};

describe('the owner is told', () => {
  it.each([
    ['', 'must have 1 to 256 characters'],
    [' ', 'must have 1 to 256 characters'],
    [`agent:main:${'a'.repeat(246)}`, 'must have 1 to 256 characters'],
    ['agent', 'is not a full session key'],
    ['agent:main', 'is not a full session key'],
    ['peer-bob', 'is not a full session key'],
    ['123e4567-e89b-42d3-a456-426614174000', 'is a session id, which a reset of the session may replace'],
    ['x123e4567-e89b-42d3-a456-426614174000', 'is not a full session key'],
    ['123e4567-e89b-42d3-a456-426614174000x', 'is not a full session key'],
    ['agent:-:x', 'has a malformed agent id'],
    ['agent:main:x:', 'has an empty or odd segment'],
    ['agent:main:agent:work:x', 'has a second agent inside'],
  ])('of %j that it %s', (raw, what) => {
    expect(told(raw)).toBe(`session key: ${what}. ${FIX}`);
    expect(told(raw, '--session')).toBe(`--session: ${what}. ${FIX}`);
  });

  it.each(['\u00e9x', 'x\u00e9', '\u00e9'])(
    'that the id %j of a group is odd, even if the session is meant',
    (id) => {
      expect(parseSessionKey(`agent:main:telegram:group:${id}`, undefined, { special: true })).toMatchObject({
        problem: { what: 'has an empty or odd segment' },
      });
    },
  );

  it('how to say that a special session is meant', () => {
    expect(told('agent:main:cron')).toBe(
      `session key: belongs to a scheduled job. ${FIX}. If this very session is meant, say --special`,
    );
  });
});

describe('a name', () => {
  it.each([
    '1203@g.us.x',
    'my-guild-1',
    'my-incognito',
    '3e4567-e89b-42d3-a456-426614174000',
    'my-dreaming-narrative-1',
    'my-node-1',
  ])('%s is plain: the gateway’s own words stand elsewhere', (rest) => {
    const key = parseSessionKey(`agent:main:${rest}`);
    expect(key.ok && sessionKeyKind(key.value)).toBe('plain');
  });
});

describe('the form in which the gateway stores it', () => {
  it.each([
    ['SIGNAL:GROUP:AbC', 'signal:group:AbC'],
    ['X:Agent:main:matrix:channel:!Room', 'x:agent:main:matrix:channel:!room'],
    ['Main', 'main'],
    ['', ''],
  ])('of %j, which has no agent, is %j', (raw, stored) => {
    expect(storedForm(raw)).toBe(stored);
  });
});
