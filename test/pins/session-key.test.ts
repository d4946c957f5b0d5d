/**
 * What a session key was once read as stands in the databases of owners and in the gateway's own: reading one of these
 * in another way lets an old grant name another session, or none.
 */
import { expect, it } from 'vitest';
import { parseSessionKey, sessionKeyKind, type SessionKey } from '../../src/core/session-key.ts';
import { SPELLINGS } from '../harness/session-spellings.ts';

it.each(SPELLINGS)('$raw is $ours as $stored', ({ raw, stored, ours }) => {
  const result = parseSessionKey(raw, 'session key', { special: true });
  expect(result.ok ? result.value : null).toBe(ours === 'same' ? stored : null);
});

const KINDS = {
  'agent:main:main': 'main',
  'agent:work:main': 'main',
  'agent:main:peer-bob': 'plain',
  'agent:main:tui-1': 'plain',
  'agent:main:explicit:x': 'plain',
  'agent:main:openai-user:x': 'plain',
  'agent:main:acp:1': 'acp',
  'agent:main:boot': 'system',
  'agent:main:cron:job:run:1': 'cron',
  'agent:main:dashboard:123e4567-e89b-42d3-a456-426614174000': 'uuid',
  'agent:main:direct:42': 'channel',
  'agent:main:discord:channel:1:thread:2': 'thread',
  'agent:main:dreaming-narrative-1': 'dreaming',
  'agent:main:hook:1': 'hook',
  'agent:main:main:heartbeat': 'heartbeat',
  'agent:main:node-1': 'node',
  'agent:main:plugin-binding:x:1': 'plugin',
  'agent:main:subagent:1': 'subagent',
  'agent:main:telegram:group:-1:topic:2': 'channel',
  'agent:main:voice:1': 'channel',
  'agent:main:whatsapp:default:direct:+31612': 'channel',
  'agent:main:current': 'current',
  'agent:main:global': 'global',
  'agent:main:harness:codex:1': 'harness',
  'agent:main:internal-session-effects:1': 'internal',
  'agent:main:subagent:incognito-1': 'incognito',
  'agent:main:unknown': 'unknown',
};

it.each(Object.entries(KINDS))('%s is %s', (key, kind) => {
  expect(sessionKeyKind(key as SessionKey)).toBe(kind);
});
