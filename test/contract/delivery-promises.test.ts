/** docs/delivery.md names for each promise the test that holds it: the tests are there, under these names. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const at = (path: string) => new URL(path, import.meta.url);
const read = (path: string) => readFileSync(at(path), 'utf8');
/** Beside this one, or among the end-to-end tests. */
const readTest = (file: string) => read(existsSync(at(`./${file}`)) ? `./${file}` : `../e2e/${file}`);
const promises =
  read('../../docs/delivery.md').split('## What is promised')[1]?.split('## What is not')[0] ?? '';
const named = [...promises.matchAll(/`([a-z0-9-]+\.test\.ts)`:\s+"([^"]+)"/g)].map(
  ([, file = '', title = '']) => ({
    file,
    title,
  }),
);

describe('docs/delivery.md', () => {
  it('names a test for every promise', () => {
    const bullets = promises.split('\n- ').slice(1);
    expect(bullets.length).toBeGreaterThan(30);
    expect(bullets.filter((bullet) => !bullet.includes('.test.ts`: "'))).toEqual([]);
    expect(named).toHaveLength(bullets.length);
  });

  it.each(named)('$file has "$title"', ({ file, title }) => {
    expect(readTest(file)).toContain(`'${title}'`);
  });
});
