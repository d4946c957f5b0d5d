import { describe, expect, test } from 'vitest';
import { pathOutside } from '../../setup/context.mjs';
import { listsSamePackages } from '../../setup/dependencies.mjs';
import { isAnswer } from '../../setup/image-pull.mjs';
import { parseOsRelease } from '../../setup/machine.mjs';
import { labNeeds, splitArguments } from '../../setup/needs.mjs';
import { lastLine, tellingLine } from '../../setup/report.mjs';

describe('what a command line needs', () => {
  test.each([
    [[], 'everything'],
    [['up'], 'everything'],
    [['--json', 'evidence.json'], 'everything'],
    [['status'], 'engine'],
    [['logs', 'gateway'], 'engine'],
    [['down'], 'engine'],
    [['send', 'hello'], 'engine'],
    [['--help'], 'packages'],
    [['up', '-h'], 'packages'],
    [['help'], 'packages'],
  ] as const)('%j: %s', (args, expected) => {
    expect(labNeeds([...args])).toBe(expected);
  });

  test('--no-install is ours and goes no further', () => {
    expect(splitArguments(['up', '--no-install', '--json', 'x'])).toEqual({
      mayInstall: false,
      rest: ['up', '--json', 'x'],
    });
    expect(splitArguments(['status'])).toEqual({ mayInstall: true, rest: ['status'] });
  });
});

describe('whether node_modules matches the lock file', () => {
  const locked = {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
  };

  test('yes, without the packages of other platforms', () => {
    expect(listsSamePackages(locked, { 'node_modules/a': { version: '1.0.0' } })).toBe(true);
  });

  test.each([
    ['another version', { 'node_modules/a': { version: '1.0.1' } }],
    ['a missing package', {}],
    [
      'another version of an optional one',
      { 'node_modules/a': { version: '1.0.0' }, 'node_modules/other-platform': { version: '2.0.0' } },
    ],
  ])('no, with %s', (_, installed) => {
    expect(listsSamePackages(locked, installed)).toBe(false);
  });
});

describe('a failed pull', () => {
  test.each([
    'manifest unknown: manifest unknown',
    'manifest for node:99 not found: manifest unknown',
    'pull access denied for x, repository does not exist',
  ])('answered by a registry: %s', (message) => {
    expect(isAnswer(message)).toBe(true);
  });

  test.each([
    'dial tcp: lookup registry.example: no such host',
    'context deadline exceeded',
    'connection refused',
    'no output',
  ])('not answered: %s', (message) => {
    expect(isAnswer(message)).toBe(false);
  });
});

test('os-release with and without quotes', () => {
  const text =
    'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\nVERSION_CODENAME=bookworm\n# comment\n\nEMPTY=\n';
  expect(parseOsRelease(text)).toEqual({
    PRETTY_NAME: 'Debian GNU/Linux 12',
    ID: 'debian',
    VERSION_CODENAME: 'bookworm',
    EMPTY: '',
  });
});

test("npm's own folder is taken out of PATH", () => {
  expect(pathOutside('/repo/node_modules/.bin:/usr/bin:/bin', '/repo')).toBe('/usr/bin:/bin');
});

test('the last line of a progress bar, bounded', () => {
  expect(lastLine('one\n\u001b[32mtwo\u001b[0m 10%\rtwo 90%\r\n\n')).toBe('two 90%');
  expect(lastLine('x'.repeat(500))).toHaveLength(110);
});

test.each([
  ['npm warn old\nnpm error code ENOTFOUND\nnpm error A complete log is in /x\n', 'npm error code ENOTFOUND'],
  ['Reading lists...\nE: Unable to locate package x\ngone\n', 'E: Unable to locate package x'],
  ['first\nlast\n', 'last'],
  ['', 'no output'],
])('what tells why %j failed', (output, expected) => {
  expect(tellingLine(output)).toBe(expected);
});
