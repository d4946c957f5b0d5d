/**
 * The session that a call comes from: which keys can be one, whose reading its hop follows, and where a reply may go.
 */
import { describe, expect, it } from 'vitest';
import {
  attested,
  parseCallingSession,
  readerOf,
  replyObjection,
  type AttestedSession,
} from '../../src/core/attested-session.ts';
import type { SessionKey } from '../../src/core/session-key.ts';

const UUID = '0b9f2c4e-1c2d-4e5f-8a9b-0c1d2e3f4a5b';

function running(raw: string): AttestedSession {
  const read = parseCallingSession(raw);
  if (!read.ok) throw new Error(read.problem.what);
  const session = attested(read.value, true);
  if (session === null) throw new Error('not attested');
  return session;
}

describe('a calling session', () => {
  it.each([
    ['agent:main:main', 'agent:main:main'],
    ['  Agent:Main:Work ', 'agent:main:work'],
    ['agent:main:telegram:group:-100123', 'agent:main:telegram:group:-100123'],
    [`agent:main:subagent:${UUID}`, `agent:main:subagent:${UUID}`],
    ['agent:main:cron:daily', 'agent:main:cron:daily'],
  ])('%j is %s', (raw, key) => {
    expect(parseCallingSession(raw)).toEqual({ ok: true, value: key });
  });

  it.each([
    '',
    'main',
    'current',
    'global',
    UUID,
    'agent:main',
    'agent::main',
    'agent:main:global',
    'agent:main:a b',
  ])('%j is none', (raw) => {
    expect(parseCallingSession(raw)).toMatchObject({ ok: false, problem: { where: 'session' } });
  });

  it('is attested by nothing but that a turn runs in it', () => {
    const key = 'agent:main:main' as SessionKey;
    expect(attested(key, false)).toBeNull();
    expect(attested(key, true)).toEqual({ sessionKey: key });
  });
});

describe('whose reading a chain follows', () => {
  it.each([
    ['agent:main:main', 'agent:main:main'],
    ['agent:main:peer-bob', 'agent:main:peer-bob'],
    ['agent:main:telegram:direct:7', 'agent:main:telegram:direct:7'],
    ['agent:main:cron:daily', 'agent:main:cron:daily'],
    [`agent:main:subagent:${UUID}`, null],
    [`agent:main:acp:${UUID}`, null],
  ])('%s: %s', (raw, reader) => {
    expect(readerOf(running(raw))).toBe(reader);
  });

  it('is guessed where the session is not known', () => {
    expect(readerOf(null)).toBeNull();
  });
});

describe('a reply into the calling session', () => {
  it.each(['agent:main:main', 'agent:main:work', 'agent:reader:peer-bob'])('may come into %s', (raw) => {
    expect(replyObjection(running(raw), null)).toBeNull();
  });

  it.each([
    [`agent:main:subagent:${UUID}`, /sub-agent/],
    ['agent:main:cron:daily', /scheduled job/],
    ['agent:main:telegram:group:-100123', /route to other people/],
    [`agent:main:dashboard:${UUID}`, /session id/],
  ])('may not come into %s, unless the owner listed that very one', (raw, why) => {
    const session = running(raw);
    expect(replyObjection(session, null)).toMatch(why);
    expect(replyObjection(session, 'agent:main:other' as SessionKey)).toMatch(why);
    expect(replyObjection(session, session.sessionKey)).toBeNull();
  });
});
