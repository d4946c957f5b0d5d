import { describe, expect, test } from 'vitest';
import { atLeast, nodeIsNewEnough, parseVersion } from '../../setup/versions.mjs';

describe('parseVersion', () => {
  test.each([
    ['go version go1.26.8 linux/amd64', [1, 26, 8]],
    ['v24.21.0', [24, 21, 0]],
    ['2.26.1-4', [2, 26, 1]],
    ['Docker Compose version v2.26.1', [2, 26, 1]],
  ])('%s', (text, expected) => {
    expect(parseVersion(text)).toEqual(expected);
  });

  test('a text without a dotted number has none', () => {
    expect(parseVersion('unknown command: docker compose')).toBeUndefined();
  });
});

describe('atLeast', () => {
  test.each([
    [[1, 26, 6], true],
    [[1, 26, 10], true],
    [[1, 27], true],
    [[2, 0], true],
    [[1, 26, 5], false],
    [[1, 26], false],
    [[1, 9, 99], false],
  ])('%j against 1.26.6: %s', (version, expected) => {
    expect(atLeast(version, [1, 26, 6])).toBe(expected);
  });

  test('no version is never enough', () => {
    expect(atLeast(undefined, [0])).toBe(false);
  });
});

describe('nodeIsNewEnough', () => {
  test.each(['v24.16.0', '24.21.0', 'v26.1.0', 'v27.0.0'])('%s is', (version) => {
    expect(nodeIsNewEnough(version)).toBe(true);
  });

  test.each(['v20.20.2', 'v22.22.0', 'v24.15.9', 'v25.3.0', 'v26.0.1', ''])('"%s" is not', (version) => {
    expect(nodeIsNewEnough(version)).toBe(false);
  });
});
