import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMainSession, parseSessionKey } from '../../src/core/session-key.ts';

const keyOf = (raw: string): string | null => {
  const result = parseSessionKey(raw);
  return result.ok ? result.value : null;
};

describe('session keys', () => {
  it.each([
    ['agent:main:main', 'agent:main:main'],
    ['agent:main:peer-bob', 'agent:main:peer-bob'],
    [' Agent:Main:Peer-Bob\n', 'agent:main:peer-bob'],
    ['agent:work_2:a.b:c@d+e', 'agent:work_2:a.b:c@d+e'],
    ['AGENT:MAIN:KELVIN-\u212a', 'agent:main:kelvin-k'],
  ])('reads %j as %j', (raw, canonical) => {
    expect(keyOf(raw)).toBe(canonical);
  });

  it.each([
    '',
    'main',
    'agent:main',
    'agent::main',
    'agent:main:',
    'agent:main::x',
    'agent:main:a b',
    'agent:main:../other',
    'agent:main:x\0',
    'agent:main:x\ny',
    'other:main:x',
    `agent:main:${'a'.repeat(300)}`,
    'agent:m\u0131in:x',
    'agent:main:p\u0435er-bob',
  ])('refuses %j, which is no key', (raw) => {
    expect(keyOf(raw)).toBeNull();
  });

  it.each(['acp', 'cron', 'hook', 'node', 'subagent', 'global', 'unknown', 'current', 'incognito'])(
    'refuses %s sessions, which are the gateway’s own',
    (kind) => {
      expect(keyOf(`agent:main:${kind}:1`)).toBeNull();
      expect(keyOf(`agent:main:${kind.toUpperCase()}`)).toBeNull();
    },
  );

  it.each(['direct', 'dm', 'group', 'channel', 'thread', 'topic'])(
    'refuses a session with a %s route, whose replies go to other people',
    (route) => {
      expect(keyOf(`agent:main:telegram:${route}:42`)).toBeNull();
      expect(keyOf(`agent:main:telegram:x:${route}`)).toBeNull();
    },
  );

  it('has one form for each key, and that form is its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => {
        for (const raw of [a, `agent:${a}:${b}`, `agent:main:${b}`]) {
          const canonical = keyOf(raw);
          if (canonical === null) continue;
          expect(keyOf(canonical)).toBe(canonical);
          expect(keyOf(` ${canonical.toUpperCase()} `)).toBe(canonical);
          expect(canonical).toMatch(/^agent:[a-z0-9_-]+(:[a-z0-9._@+-]+)+$/);
        }
      }),
    );
  });

  it('knows the session in which the owner talks', () => {
    expect(isMainSession('agent:main:main' as never)).toBe(true);
    expect(isMainSession('agent:work:main' as never)).toBe(true);
    expect(isMainSession('agent:main:peer-bob' as never)).toBe(false);
  });
});
