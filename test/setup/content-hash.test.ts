import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contentHash, filesUnder } from '../../setup/content-hash.mjs';

describe('contentHash', () => {
  const files = [
    { path: 'a', content: 'one' },
    { path: 'b', content: Buffer.from('two') },
  ];

  test('is twelve hex digits and does not depend on order', () => {
    expect(contentHash(files, { x: '1', y: '2' })).toMatch(/^[0-9a-f]{12}$/u);
    expect(contentHash(files.toReversed(), { y: '2', x: '1' })).toBe(contentHash(files, { x: '1', y: '2' }));
  });

  test.each([
    ['content', [{ path: 'a', content: 'other' }, files[1]], {}],
    ['name', [{ path: 'c', content: 'one' }, files[1]], {}],
    ['fewer files', [files[0]], {}],
    [
      'content moved over to the next file',
      [
        { path: 'a', content: 'onetwo' },
        { path: 'b', content: '' },
      ],
      {},
    ],
    ['a pin', files, { version: '2' }],
  ])('changes with %s', (_, changed, pins) => {
    const known = changed.flatMap((file) => (file === undefined ? [] : [file]));
    expect(contentHash(known, pins)).not.toBe(contentHash(files, {}));
  });
});

describe('filesUnder', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'files-'));
    mkdirSync(join(root, 'src', 'lab'), { recursive: true });
    for (const path of ['package.json', 'src/b.ts', 'src/a.ts', 'src/lab/main.ts'])
      writeFileSync(join(root, path), '');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test('files and folders, sorted, without what is missing or not wanted', () => {
    const keep = (path: string): boolean => !path.startsWith('src/lab/');
    expect(filesUnder(root, ['src', 'package.json', 'absent'], keep)).toEqual([
      'package.json',
      'src/a.ts',
      'src/b.ts',
    ]);
  });
});
