/**
 * Ways to write a session key, and the key that OpenClaw 2026.9.6 runs a turn under when it is asked with them: seen on
 * a real gateway, whose only agent is called `main`. The end-to-end tests ask a real one again, for those that we take.
 */
export interface Spelling {
  readonly raw: string;
  /** The key of the session that the turn ran in; null when the gateway refused. */
  readonly stored: string | null;
  /** `same` where we come to the same key, if the owner says that a special session is meant. */
  readonly ours: 'same' | 'refused';
}

const row = (raw: string, stored: string | null, ours: Spelling['ours']): Spelling => ({ raw, stored, ours });

export const SPELLINGS: readonly Spelling[] = [
  row('agent:main:peer-eve', 'agent:main:peer-eve', 'same'),
  row(' Agent:Main:PEER-Eve\n', 'agent:main:peer-eve', 'same'),
  row('\ufeff\u00a0\tagent:main:peer-eve\u2028\v', 'agent:main:peer-eve', 'same'),
  row('AGENT:MAIN:KELVIN-\u212a', 'agent:main:kelvin-k', 'same'),
  row('agent:main:a.b:c@d+e', 'agent:main:a.b:c@d+e', 'same'),
  row('agent:main:MAIN', 'agent:main:main', 'same'),
  row('agent:main:SIGNAL:Group:AbC/9+=', 'agent:main:signal:group:AbC/9+=', 'same'),
  row('agent:main:signal:group:AbC:THREAD:X', 'agent:main:signal:group:AbC:thread:x', 'same'),
  row('agent:main:signal:DIRECT:+31612', 'agent:main:signal:direct:+31612', 'same'),
  row('Agent:Main:MATRIX:Channel:!Room:Example.ORG', 'agent:main:matrix:channel:!Room:Example.ORG', 'same'),
  row('agent:main:matrix:GROUP:!R:THREAD:$Event', 'agent:main:matrix:group:!R:thread:$Event', 'same'),
  row(
    'agent:main:matrix:channel:SIGNAL:Group:THREAD:X',
    'agent:main:matrix:channel:SIGNAL:Group:THREAD:X',
    'same',
  ),
  row('agent:main:matrix:DIRECT:@Me:X', 'agent:main:matrix:direct:@me:x', 'same'),
  row('agent:main:DISCORD:channel:C1:Thread:T2', 'agent:main:discord:channel:c1:thread:t2', 'same'),
  row('agent:main:Cron:Job', 'agent:main:cron:job', 'same'),
  row('agent:main:SUBAGENT:1', 'agent:main:subagent:1', 'same'),

  row('agent:main:rene\u0301', 'agent:main:rene\u0301', 'refused'),
  row('agent:main:REN\u00c9', 'agent:main:ren\u00e9', 'refused'),
  row('agent:main:peer-eve\u200b', 'agent:main:peer-eve\u200b', 'refused'),
  row('agent:main:p\u0435er-eve', 'agent:main:p\u0435er-eve', 'refused'),
  row('agent:main:peer-eve\0', 'agent:main:peer-eve\0', 'refused'),
  row('agent:main:peer-eve,x', 'agent:main:peer-eve,x', 'refused'),
  row('agent:main:peer eve', 'agent:main:peer eve', 'refused'),
  row('agent:main:peer-eve:', 'agent:main:peer-eve:', 'refused'),
  row('agent:main:agent:work:x', 'agent:main:agent:work:x', 'refused'),
  row('AGENT:main:SIGNAL:GROUP: AbD ', 'agent:main:signal:group:AbD', 'refused'),
  row('agent:main:signal:group:\u212a', 'agent:main:signal:group:\u212a', 'refused'),
  row('peer-eve', 'agent:main:peer-eve', 'refused'),
  row('main', 'agent:main:main', 'refused'),
  row('current', 'agent:main:current', 'refused'),
  row('GLOBAL', 'global', 'refused'),
  row('agent:main:global', 'agent:main:global', 'refused'),
  row('unknown', 'unknown', 'refused'),
  row('123E4567-E89B-42D3-A456-426614174000', 'agent:main:123e4567-e89b-42d3-a456-426614174000', 'refused'),
  row('agent:main:dashboard:incognito-1', 'agent:main:dashboard:incognito-1', 'refused'),

  row('agent:main', null, 'refused'),
  row('agent:main:', null, 'refused'),
  row('agent::main', null, 'refused'),
  row('agent:main::x', null, 'refused'),
  row('agent: main:x', null, 'refused'),
  row('agent:MA\u0130N:x', null, 'refused'),
  row('agent:main:harness:codex:1', null, 'refused'),
  row('agent:main:internal-session-effects:1', null, 'refused'),
];
