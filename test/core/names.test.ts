import { describe, expect, it } from 'vitest';
import { DEFAULT_ALIAS, parseAlias } from '../../src/core/alias.ts';
import { problemLine, type Parsed } from '../../src/core/parsed.ts';
import {
  isPeerState,
  isReplyMode,
  parseNodeId,
  parsePeerName,
  parseTokenDigest,
} from '../../src/core/peer.ts';
import { INVITE_TTL_MS } from '../../src/core/invite.ts';

const told = (result: Parsed<unknown>) => (result.ok ? 'taken' : problemLine(result.problem));

describe('peer names', () => {
  it.each(['bob', 'b', 'bob-2', 'a'.repeat(32)])('accepts %s', (raw) => {
    expect(parsePeerName(raw)).toEqual({ ok: true, value: raw });
  });

  it.each([
    '',
    'Bob',
    '2bob',
    '-bob',
    'bob\n',
    'bob carol',
    'böb',
    'a'.repeat(33),
    'bob/../carol',
    '__proto__',
  ])('refuses %j', (raw) => {
    expect(parsePeerName(raw).ok).toBe(false);
  });

  it.each(['all', 'local', 'me', 'none', 'self'])('keeps %s for itself', (raw) => {
    expect(parsePeerName(raw)).toMatchObject({ ok: false, problem: { what: `"${raw}" is a reserved name` } });
  });

  it('say what is wrong and what to do, without repeating what was typed', () => {
    expect(told(parsePeerName('Not A Name'))).toBe(
      'peer: not a peer name. Use 1 to 32 of a-z, 0-9 and "-", starting with a letter',
    );
    expect(told(parsePeerName('self'))).toBe('peer: "self" is a reserved name. Choose another name');
    expect(told(parsePeerName('', '--peer'))).toMatch(/^--peer: /);
  });
});

describe('aliases', () => {
  it.each(['inbox', 'handoff', '2do', 'a-b'])('accepts %s', (raw) => {
    expect(parseAlias(raw)).toEqual({ ok: true, value: raw });
  });

  it.each(['', 'Inbox', '-a', 'a/b', 'a.b', '..', 'a'.repeat(33), 'in%62ox', 'agent:main:main', 'inbox\0'])(
    'refuses %j',
    (raw) => {
      expect(parseAlias(raw).ok).toBe(false);
    },
  );

  it('say what is wrong and what to do', () => {
    expect(told(parseAlias('Inbox'))).toBe(
      'alias: not an alias. Use 1 to 32 of a-z, 0-9 and "-", starting with a letter or digit',
    );
    expect(told(parseAlias('any'))).toBe('alias: "any" is a reserved name. Choose another alias');
    expect(told(parseAlias('', 'path'))).toMatch(/^path: /);
  });

  it('has a default that is an alias', () => {
    expect(parseAlias(DEFAULT_ALIAS)).toEqual({ ok: true, value: 'inbox' });
  });
});

describe('node ids and digests', () => {
  it('accepts a StableID and refuses anything with another character', () => {
    for (const raw of ['nAbC123CNTRL', 'n', 'a'.repeat(64)]) {
      expect(parseNodeId(raw)).toEqual({ ok: true, value: raw });
    }
    for (const raw of ['', 'n 1', ' n1', 'n1 ', '100.64.0.1', 'n1\n', 'a'.repeat(65)])
      expect(parseNodeId(raw).ok).toBe(false);
  });

  it('accepts 64 lower-case hex digits only', () => {
    const digest = '0123456789abcdef'.repeat(4);
    expect(parseTokenDigest(digest)).toEqual({ ok: true, value: digest });
    for (const raw of [
      '',
      'A'.repeat(64),
      'a'.repeat(63),
      'a'.repeat(65),
      'g'.repeat(64),
      ` ${'a'.repeat(64)}`,
      `${'a'.repeat(64)} `,
    ]) {
      expect(parseTokenDigest(raw).ok).toBe(false);
    }
  });

  it('say what is wrong and where to take the right one', () => {
    expect(told(parseNodeId(''))).toBe(
      'node: not a tailnet node id. Take it from `agent-peer status` on the other machine',
    );
    expect(told(parseTokenDigest(''))).toBe(
      'digest: not a SHA-256 digest. Expected 64 lower-case hex digits',
    );
    expect(told(parseNodeId('', 'x'))).toMatch(/^x: /);
    expect(told(parseTokenDigest('', 'x'))).toMatch(/^x: /);
  });
});

describe('the state of a peer', () => {
  it.each(['provisional', 'active', 'paused', 'revoked'])('can be %s', (state) => {
    expect(isPeerState(state)).toBe(true);
  });

  it.each(['', 'Active', 'pending', 'constructor'])('cannot be %j', (state) => {
    expect(isPeerState(state)).toBe(false);
  });
});

describe('the reply mode of a peer', () => {
  it.each(['task', 'send-back'])('can be %s', (mode) => {
    expect(isReplyMode(mode)).toBe(true);
  });

  it.each(['', 'Task', 'poll', 'constructor'])('cannot be %j', (mode) => {
    expect(isReplyMode(mode)).toBe(false);
  });
});

it('an invite lasts fifteen minutes when nobody says otherwise', () => {
  expect(INVITE_TTL_MS).toBe(900_000);
});
