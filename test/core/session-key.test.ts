import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentIdOf, isMainSession, parseSessionKey, sessionKeyKind } from '../../src/core/session-key.ts';
import { propertiesOf } from '../harness/properties.ts';

const keyOf = (raw: string, special = false): string | null => {
  const result = parseSessionKey(raw, 'session key', { special });
  return result.ok ? result.value : null;
};

const complaintOf = (raw: string, special = false): string => {
  const result = parseSessionKey(raw, 'session key', { special });
  return result.ok ? '' : `${result.problem.what}. ${result.problem.fix}`;
};

const kindOf = (raw: string): string => {
  const result = parseSessionKey(raw, 'session key', { special: true });
  return result.ok ? sessionKeyKind(result.value) : 'refused';
};

describe('the form of a key', () => {
  it.each([
    ['agent:main:main', 'agent:main:main'],
    ['agent:main:peer-bob', 'agent:main:peer-bob'],
    [' Agent:Main:Peer-Bob\n', 'agent:main:peer-bob'],
    ['\u00a0\ufeff\u2028agent:main:peer-bob\v\f\r\t\u3000', 'agent:main:peer-bob'],
    ['agent:work_2:a.b:c@d+e', 'agent:work_2:a.b:c@d+e'],
    ['AGENT:MAIN:KELVIN-\u212a', 'agent:main:kelvin-k'],
    [`agent:main:${'a'.repeat(245)}`, `agent:main:${'a'.repeat(245)}`],
    [`agent:${'a'.repeat(64)}:x`, `agent:${'a'.repeat(64)}:x`],
  ])('of %j is %j', (raw, canonical) => {
    expect(keyOf(raw)).toBe(canonical);
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['a bare name', 'peer-bob'],
    ['a bare main session', 'main'],
    ['a bare sub-agent', 'subagent:x'],
    ['no rest', 'agent:main'],
    ['an empty rest', 'agent:main:'],
    ['an empty agent', 'agent::main'],
    ['a blank agent', 'agent: :main'],
    ['an empty segment', 'agent:main::x'],
    ['an empty last segment', 'agent:main:x:'],
    ['another scheme', 'other:main:x'],
    ['white space around the scheme', 'agent :main:x'],
    ['white space around the agent', 'agent: main:x'],
    ['white space around the rest', 'agent:main: x'],
    ['a second agent inside', 'agent:main:agent:work:x'],
    ['an agent id of odd characters', 'agent:m.ain:x'],
    ['an agent id that begins with a dash', 'agent:-main:x'],
    ['an agent id that is too long', `agent:${'a'.repeat(65)}:x`],
    ['a segment that begins with a dot', 'agent:main:.x'],
    ['a segment that begins with a dash', 'agent:main:x:-y'],
    ['a path', 'agent:main:../other'],
    ['a comma', 'agent:main:x,agent:main:main'],
    ['a quote', "agent:main:x'"],
    ['a percent escape', 'agent:main:x%3amain'],
    ['a null character', 'agent:main:x\0'],
    ['a null character before it', '\0agent:main:x'],
    ['a new line inside', 'agent:main:x\ny'],
    ['a delete character', 'agent:main:x\x7f'],
    ['a zero-width space', 'agent:main:x\u200b'],
    ['a zero-width joiner inside', 'agent:main:pe\u200der-bob'],
    ['a byte order mark inside', 'agent:main:pe\ufeffer-bob'],
    ['a soft hyphen', 'agent:main:peer\u00adbob'],
    ['a right-to-left mark', '\u200fagent:main:peer-bob'],
    ['a dotless i in the agent', 'agent:ma\u0131n:x'],
    ['a dotted capital I', 'agent:MA\u0130N:x'],
    ['a Cyrillic e', 'agent:main:p\u0435er-bob'],
    ['a full-width colon', 'agent:main\uff1ax'],
    ['full-width letters', 'agent:main:\uff50eer-bob'],
    ['a long s', 'agent:main:\u017fession'],
    ['an accent', 'agent:main:ren\u00e9'],
    ['an accent taken apart', 'agent:main:rene\u0301'],
    ['half a surrogate pair', 'agent:main:x\ud800'],
    ['too many characters', `agent:main:${'a'.repeat(246)}`],
  ])('with %s is none', (_, raw) => {
    expect(keyOf(raw)).toBeNull();
    expect(keyOf(raw, true)).toBeNull();
  });

  it.each([
    ['agent:main:signal:group:AbC/9+=', 'agent:main:signal:group:AbC/9+='],
    [' AGENT:Main:SIGNAL:Group:AbC/9+= ', 'agent:main:signal:group:AbC/9+='],
    ['agent:main:signal:group:AbC:THREAD:X', 'agent:main:signal:group:AbC:thread:x'],
    ['agent:main:signal:DIRECT:+31612', 'agent:main:signal:direct:+31612'],
    ['agent:main:MATRIX:Channel:!Room:Example.ORG', 'agent:main:matrix:channel:!Room:Example.ORG'],
    ['agent:main:matrix:group:!R:Thread:$Event', 'agent:main:matrix:group:!R:thread:$Event'],
    ['agent:main:matrix:channel:!R:THREAD:$a:THREAD:$B', 'agent:main:matrix:channel:!R:THREAD:$a:thread:$B'],
    ['agent:main:matrix:channel:SIGNAL:Group:THREAD:X', 'agent:main:matrix:channel:SIGNAL:Group:THREAD:X'],
    ['agent:main:matrix:channel:SIGNAL:Group:AbC', 'agent:main:matrix:channel:SIGNAL:Group:AbC'],
    ['agent:main:x:matrix:channel:!Room', 'agent:main:x:matrix:channel:!room'],
    ['agent:main:xsignal:group:AbC', 'agent:main:xsignal:group:abc'],
    ['agent:main:matrix:DIRECT:@Me:X', 'agent:main:matrix:direct:@me:x'],
    ['agent:main:discord:CHANNEL:C0123', 'agent:main:discord:channel:c0123'],
  ])('of %j keeps the case that tells ids apart: %j', (raw, canonical) => {
    expect(keyOf(raw, true)).toBe(canonical);
  });

  it('of an id that keeps its case takes no Kelvin sign for a letter', () => {
    expect(keyOf('agent:main:signal:group:\u212a', true)).toBeNull();
    expect(keyOf('agent:main:matrix:channel:!\u212a', true)).toBeNull();
  });
});

describe('sessions that are no mere names', () => {
  it.each([
    ['acp', ['acp:1', 'acp:binding:discord:default:1', 'acp-bridge:x']],
    ['cron', ['cron', 'cron:job', 'cron:job:run:1']],
    ['dreaming', ['dreaming-narrative-1']],
    ['heartbeat', ['heartbeat', 'main:heartbeat', 'x:heartbeat:heartbeat']],
    ['hook', ['hook:1']],
    ['node', ['node:1', 'node-kitchen']],
    ['plugin', ['plugin-binding:x:1']],
    ['subagent', ['subagent:1', 'subagent:1:subagent:2']],
    ['system', ['boot', 'boot:1']],
    ['thread', ['discord:channel:1:thread:2', 'main:thread:1', 'x:thread']],
    ['uuid', ['123e4567-e89b-42d3-a456-426614174000', 'dashboard:123e4567-e89b-42d3-a456-426614174000']],
    ['uuid', ['tui-123E4567-e89b-42d3-a456-426614174000', '123e4567-e89b-42d3-a456-426614174000:x']],
  ])('%s needs a word of the owner: %j', (kind, rests) => {
    for (const rest of rests) {
      const key = `agent:main:${rest}`;
      expect(complaintOf(key)).toContain('say --special');
      expect(keyOf(key.toUpperCase())).toBeNull();
      expect(keyOf(key, true)).toBe(key.toLowerCase());
      expect(kindOf(key)).toBe(kind);
    }
  });

  it.each([
    'telegram:direct:42',
    'telegram:dm:42',
    'whatsapp:default:direct:+31612',
    'telegram:group:-100123',
    'telegram:group:-100123:topic:7',
    'telegram:x:topic',
    'slack:channel:c0123',
    'matrix:room:!r',
    'direct:42',
    'group:42',
    'whatsapp:1203@g.us',
    'discord:default:guild-1:channel-2',
    'voice:call-1',
  ])('%s has a route to other people, and needs a word of the owner', (rest) => {
    const key = `agent:main:${rest}`;
    expect(complaintOf(key)).toContain('other people');
    expect(complaintOf(key)).toContain('say --special');
    expect(keyOf(key, true)).toBe(key);
    expect(kindOf(key)).toBe('channel');
  });

  it.each([
    ['current', 'another session for each caller'],
    ['current:x', 'another session for each caller'],
    ['global', 'agent:<agent id>:main'],
    ['global:heartbeat', 'agent:<agent id>:main'],
    ['unknown', 'no session of its own'],
    ['unknown:group:1', 'no session of its own'],
    ['incognito', 'gone when the gateway restarts'],
    ['dashboard:incognito-1', 'gone when the gateway restarts'],
    ['subagent:incognito-1', 'gone when the gateway restarts'],
    ['internal-session-effects:incognito-1', 'gone when the gateway restarts'],
    ['internal-session-effects:1', 'no turn can reach it'],
    ['harness', 'cannot be shared'],
    ['harness:codex:1', 'cannot be shared'],
  ])('%s is no session to grant, whatever the owner says', (rest, why) => {
    for (const key of [`agent:main:${rest}`, `AGENT:MAIN:${rest.toUpperCase()}`]) {
      expect(complaintOf(key)).toContain(why);
      expect(complaintOf(key, true)).toContain(why);
      expect(complaintOf(key, true)).not.toContain('--special');
    }
  });

  it.each([
    ['current', 'another session for each caller'],
    [' GLOBAL ', 'agent:<agent id>:main'],
    ['unknown', 'no session of its own'],
    ['123E4567-e89b-42d3-a456-426614174000', 'a reset of the session may replace'],
    ['cron:job', 'not a full session key'],
    ['agent', 'not a full session key'],
  ])('%j without an agent is refused for what it is', (raw, why) => {
    expect(complaintOf(raw)).toContain(why);
    expect(complaintOf(raw, true)).toContain(why);
  });

  it.each([
    'peer-bob',
    'a:b:c',
    'current-work',
    'nodes',
    'cronjob',
    'x:cron',
    'x:main',
    'main:x',
    'globally',
    'abcdef12',
    'tui-1',
    'explicit:1',
    'groups:1',
    'incognitos:1',
    '123e4567-e89b-42d3-a456-426614174000x',
  ])('%s is a plain name', (rest) => {
    expect(keyOf(`agent:main:${rest}`)).toBe(`agent:main:${rest}`);
    expect(kindOf(`agent:main:${rest}`)).toBe('plain');
  });

  it('knows the session in which the owner talks', () => {
    expect(isMainSession('agent:main:main' as never)).toBe(true);
    expect(isMainSession('agent:work:main' as never)).toBe(true);
    expect(isMainSession('agent:main:peer-bob' as never)).toBe(false);
    expect(isMainSession('agent:main:main:heartbeat' as never)).toBe(false);
    expect(keyOf('agent:work:main')).toBe('agent:work:main');
    expect(kindOf('agent:work:main')).toBe('main');
  });

  it('knows the agent', () => {
    expect(agentIdOf('agent:work_2:peer-bob' as never)).toBe('work_2');
    expect(agentIdOf('agent:main:matrix:channel:!R:agent:x' as never)).toBe('main');
  });
});

describe('any string', () => {
  const property = propertiesOf('session keys');
  const word = fc.oneof(
    fc.constantFrom('main', 'peer-bob', 'cron', 'subagent', 'telegram', 'group', 'direct', 'thread', 'topic'),
    fc.constantFrom(
      'signal',
      'matrix',
      'channel',
      '!Room',
      'AbC/+=',
      '$Event',
      'current',
      'agent',
      'K',
      '\u212a',
    ),
    fc.constantFrom('global', 'harness', 'incognito-1', 'e\u0301', '\u00e9', '', ' ', 'x y', ','),
    fc.stringMatching(/^[a-zA-Z0-9._@+-]{1,8}$/),
  );
  const rest = fc.array(word, { minLength: 1, maxLength: 7 }).map((words) => words.join(':'));
  const key = rest.map((words) => `agent:main:${words}`);
  const room = rest.map((words) => `agent:main:matrix:channel:${words}`);
  const anything = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), key, room, rest);
  const padding = fc.stringMatching(/^\s{0,3}$/);
  const flipped = (text: string, flips: readonly boolean[]): string =>
    Array.from(text, (c, i) => (flips[i % flips.length] === true ? c.toUpperCase() : c.toLowerCase())).join(
      '',
    );
  const keepsCase = (text: string): boolean => /signal|matrix/i.test(text);

  property(
    'is read or refused, and its form is its own',
    fc.property(anything, fc.boolean(), (raw, special) => {
      const canonical = keyOf(raw, special);
      if (canonical === null) {
        expect(complaintOf(raw, special)).not.toBe('');
        return;
      }
      expect(keyOf(canonical, special)).toBe(canonical);
      expect(canonical).toMatch(/^agent:[a-z0-9][a-z0-9_-]*(:[A-Za-z0-9!#$&*+./;=@_~-]+)+$/);
      if (!keepsCase(canonical)) expect(canonical).toBe(canonical.toLowerCase());
    }),
  );

  property(
    'means the same whatever stands around it',
    fc.property(anything, padding, padding, fc.boolean(), (raw, before, after, special) => {
      expect(keyOf(`${before}${raw}${after}`, special)).toBe(keyOf(raw, special));
    }),
  );

  property(
    'means the same in upper and lower case, unless its case is an id',
    fc.property(
      key.filter((text) => !keepsCase(text)),
      fc.array(fc.boolean(), { minLength: 1 }),
      fc.boolean(),
      (raw, flips, special) => {
        expect(keyOf(flipped(raw, flips), special)).toBe(keyOf(raw, special));
      },
    ),
  );

  property(
    'means one thing at most in all its Unicode forms',
    fc.property(anything, fc.boolean(), (raw, special) => {
      const forms = [raw, raw.normalize('NFC'), raw.normalize('NFD')].map((form) => keyOf(form, special));
      expect(new Set(forms.filter((form) => form !== null)).size).toBeLessThanOrEqual(1);
    }),
  );

  property(
    'is refused without the word of the owner, or means the same with it',
    fc.property(anything, (raw) => {
      const without = keyOf(raw);
      if (without !== null) expect(keyOf(raw, true)).toBe(without);
      const kind = kindOf(raw);
      if (kind !== 'plain' && kind !== 'main') expect(without).toBeNull();
    }),
  );

  property(
    'that holds a segment of the gateway’s own is not plain',
    fc.property(
      rest,
      fc.constantFrom('cron:1', 'subagent:1', 'acp:1', 'hook:1', 'harness:x:1', 'global', 'current'),
      rest,
      (before, owned, after) => {
        expect(keyOf(`agent:main:${owned}:${after}`)).toBeNull();
        for (const route of ['direct', 'group', 'channel', 'thread', 'topic', 'heartbeat']) {
          expect(keyOf(`agent:main:${before}:${route}:${after}`)).toBeNull();
        }
      },
    ),
  );
});
