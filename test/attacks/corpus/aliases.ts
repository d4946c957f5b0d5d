import { ALIAS_NOT_GRANTED, PATH_UNKNOWN } from '../answers.ts';
import type { Aim, Attack, Expectation } from '../attack.ts';
import { given, message, request, type Of } from '../bytes.ts';

/** The same dressing is tried in the path and as a `sessionKey` of the tool. */
export interface Dressing {
  readonly name: string;
  readonly why: string;
  readonly key: Of<string>;
}

function dressing(name: string, why: string, key: Dressing['key']): Dressing {
  return { name, why, key };
}

const CYRILLIC_A = '\u0430';

/** Names that a gateway would take for a session, or another reader for the granted alias. */
export const DRESSINGS: readonly Dressing[] = [
  dressing('other-alias', 'An alias that another peer has.', ({ other }) => other.alias),
  dressing('nobodys-alias', 'An alias that nobody has: it must look the same.', 'no-such-alias'),
  dressing('default-alias', 'The default alias, which was not granted.', 'inbox'),
  dressing('upper', 'The alias in upper case.', ({ alias }) => alias.toUpperCase()),
  dressing(
    'capital',
    'The alias with a capital.',
    ({ alias }) => alias.charAt(0).toUpperCase() + alias.slice(1),
  ),
  dressing('cut', 'A prefix of the alias.', ({ alias }) => alias.slice(0, -1)),
  dressing('longer', 'The alias and one letter more.', ({ alias }) => `${alias}s`),
  dressing('dash', 'The alias with a dash behind.', ({ alias }) => `${alias}-`),
  dressing('underscore', 'The alias with an underscore in front.', ({ alias }) => `_${alias}`),
  dressing('main', 'The session where the owner talks.', 'main'),
  dressing('global', 'The gateway’s word for the session of all agents.', 'global'),
  dressing('current', 'The gateway’s word for the present session.', 'current'),
  dressing('unknown', 'The gateway’s word for none.', 'unknown'),
  dressing('uuid', 'The id of a session in place of its key.', '3f2504e0-4f89-41d3-9a0c-0305e82c3301'),
  dressing('uuid-bare', 'The same without dashes.', '3f2504e04f8941d39a0c0305e82c3301'),
  dressing('number', 'A number.', '0'),
  dressing('proto', 'A member of every object.', '__proto__'),
  dressing('constructor', 'Another one.', 'constructor'),
  dressing('to-string', 'A third one.', 'toString'),
  dressing('has-own', 'A fourth one.', 'hasOwnProperty'),
  dressing('null-word', 'What a careless client sends.', 'null'),
];

/** Those that have a character no alias has. */
export const ODD_DRESSINGS: readonly Dressing[] = [
  dressing('session-key', 'The key of the owner’s session.', 'agent:main:main'),
  dressing('session-key-upper', 'The same in upper case: the gateway lowers it.', 'AGENT:MAIN:MAIN'),
  dressing('session-key-padded', 'The same with space: the gateway trims it.', ' agent:main:main '),
  dressing('session-key-of-other', 'The key of another peer’s session, guessed.', 'agent:main:peer-carol'),
  dressing(
    'session-key-granted',
    'The key behind the alias, guessed: a peer has aliases, and no keys.',
    'agent:main:peer-bob',
  ),
  dressing('session-key-thread', 'A thread of the owner’s session.', 'agent:main:main:thread:1'),
  dressing('session-key-empty-agent', 'A key without an agent.', 'agent::main'),
  dressing('session-key-cron', 'A session of the gateway’s own.', 'agent:main:cron:a'),
  dressing('session-key-subagent', 'Another one.', 'agent:main:subagent:a'),
  dressing('session-key-hook', 'A third one.', 'hook:a'),
  dressing('session-key-channel', 'A session with a route to a person.', 'agent:main:telegram:direct:1'),
  dressing('session-key-group', 'A session with a route to a group.', 'agent:main:whatsapp:group:1@g.us'),
  dressing('session-key-openai', 'A session of the OpenAI surface.', 'agent:main:openai-user:main'),
  dressing('alias-in-key', 'The alias dressed as a session.', ({ alias }) => `agent:main:${alias}`),
  dressing('alias-thread', 'A thread of the alias.', ({ alias }) => `${alias}:thread:1`),
  dressing('alias-topic', 'A topic of the alias.', ({ alias }) => `${alias}:topic:1`),
  dressing('space-front', 'The alias with a space in front.', ({ alias }) => ` ${alias}`),
  dressing('space-behind', 'The alias with a space behind.', ({ alias }) => `${alias} `),
  dressing('tab', 'The alias with a tab.', ({ alias }) => `\t${alias}`),
  dressing('newline', 'A line feed behind passes a pattern that ends with $.', ({ alias }) => `${alias}\n`),
  dressing('nul', 'A NUL ends the alias for C.', ({ alias }) => `${alias}\0`),
  dressing('no-break-space', 'Space of another kind.', ({ alias }) => `${alias}\u00a0`),
  dressing('bom', 'A mark that a trim takes away.', ({ alias }) => `\ufeff${alias}`),
  dressing('zero-width', 'A letter that nobody sees.', ({ alias }) => `${alias}\u200b`),
  dressing(
    'soft-hyphen',
    'A hyphen that nobody sees.',
    ({ alias }) => `${alias.slice(0, 1)}\u00ad${alias.slice(1)}`,
  ),
  dressing('homoglyph', 'A Cyrillic letter that looks the same.', ({ alias }) =>
    alias.replace('a', CYRILLIC_A),
  ),
  dressing('fullwidth', 'Wide letters, which NFKC makes ours.', ({ alias }) =>
    alias.replace(/[!-~]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
  ),
  dressing('ligature', 'A ligature, which NFKC takes apart.', ({ alias }) => alias.replace('ff', '\ufb00')),
  dressing('kelvin', 'A sign that becomes k in lower case.', ({ alias }) => `${alias}\u212a`),
  dressing('dotless', 'A letter whose upper case is ours.', ({ alias }) => alias.replace('d', '\u0131d')),
  dressing('nfd', 'A letter with an accent in two pieces.', ({ alias }) => `${alias}e\u0301`),
  dressing('nfc', 'The same in one piece.', ({ alias }) => `${alias}\u00e9`),
  dressing('comma', 'A list of two.', ({ alias }) => `${alias},main`),
  dressing('semicolon', 'Another list.', ({ alias }) => `${alias};main`),
  dressing('slash', 'A segment behind the alias.', ({ alias }) => `${alias}/main`),
  dressing('dots', 'A climb.', ({ alias }) => `${alias}/../main`),
  dressing('wildcard', 'All of them.', '*'),
  dressing('percent', 'A wildcard of the database.', '%'),
  dressing('query', 'A query behind the alias.', ({ alias }) => `${alias}?agent=main`),
  dressing(
    'encoded',
    'An encoded letter.',
    ({ alias }) => `%${alias.charCodeAt(0).toString(16)}${alias.slice(1)}`,
  ),
  dressing('email', 'An address.', 'main@localhost'),
];

/** In the path every character that is not of an alias is encoded, as a client would do it. */
function inPath(all: readonly Dressing[], expect: Expectation): readonly Attack[] {
  return all.map((dress) => {
    const id = `alias-${dress.name}`;
    const target = (aim: Aim) => `/a2a/v1/${encodeURIComponent(given(dress.key, aim))}`;
    return { id, why: dress.why, bytes: request({ target, body: message(id) }), expect: [expect] };
  });
}

export const ALIAS_ATTACKS: readonly Attack[] = [
  ...inPath(DRESSINGS, ALIAS_NOT_GRANTED),
  ...inPath(ODD_DRESSINGS, PATH_UNKNOWN),
  {
    id: 'alias-none',
    why: 'No alias is the default one, which was not granted.',
    bytes: request({ target: '/a2a/v1', body: message('alias-none') }),
    expect: [ALIAS_NOT_GRANTED],
  },
  {
    id: 'alias-raw-key',
    why: 'A session key in the path as it is.',
    bytes: request({ target: '/a2a/v1/agent:main:main', body: message('alias-raw-key') }),
    expect: [PATH_UNKNOWN],
  },
  {
    id: 'alias-other-with-other-id',
    why: 'Another peer’s alias and message id together look like that peer’s own request.',
    bytes: request({
      target: ({ other }) => `/a2a/v1/${other.alias}`,
      body: ({ other }) => message(other.messageId),
    }),
    expect: [ALIAS_NOT_GRANTED],
  },
];
