/**
 * The pages that say which file holds a rule, and which test proves it, name files that are there: a page about
 * security that has rotted is worse than none.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (page: string) => readFileSync(join(ROOT, page), 'utf8');

const DECISIONS = readdirSync(join(ROOT, 'docs/decisions')).map((file) => `docs/decisions/${file}`);
const PAGES = [
  'docs/threat-model.md',
  'docs/architecture.md',
  'docs/openclaw.md',
  'docs/refusals.md',
  'SECURITY.md',
  ...DECISIONS,
];

/** In backquotes: a path of this repository, with nothing behind it. */
const PATH = /`((?:src|test|docs|setup|images|plugin|skill)\/[\w./-]*|docker-compose\.yml)`/g;
const LINK = /\]\((?!https?:)([^)#]*)(#[^)]*)?\)/g;

const pathsIn = (text: string) => [...text.matchAll(PATH)].map(([, path = '']) => path);

/** As forges make them of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

function hasAnchor(page: string, anchor: string): boolean {
  const headings = [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
  return headings.includes(anchor);
}

describe.each(PAGES)('%s', (page) => {
  it('names files that are there', () => {
    expect(pathsIn(read(page)).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('leads to pages, and places on them, that are there', () => {
    const dead = [...read(page).matchAll(LINK)].filter(([, path = '', anchor]) => {
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !hasAnchor(target, anchor.slice(1));
    });
    expect(dead.map(([link]) => link)).toEqual([]);
  });
});

describe('what the threat model guarantees', () => {
  const section = read('docs/threat-model.md').split('## What is guaranteed')[1]?.split('\n## ')[0] ?? '';
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:-|guarantee )/.test(line));
  const guarantees = rows.map((row) => {
    const [guarantee = '', , where = '', tests = ''] = row.split('|').slice(1);
    return { guarantee: guarantee.trim(), where: where.trim(), tests: pathsIn(tests) };
  });

  it('is held by a file and proved by a test, each of it', () => {
    expect(guarantees.length).toBeGreaterThan(20);
    for (const { guarantee, where, tests } of guarantees) {
      expect(where === 'the same' || pathsIn(where).length > 0, guarantee).toBe(true);
      expect(tests, guarantee).not.toEqual([]);
    }
  });

  it('is proved by tests that run: a test file, or a part that a test file calls', () => {
    const callers = ['two-stacks', 'gateway-parity']
      .map((name) => read(`test/e2e/${name}.test.ts`))
      .join('\n');
    const named = new Set(guarantees.flatMap(({ tests }) => tests));
    const idle = [...named].filter((path) => {
      const part = /^test\/e2e\/parts\/(.*)$/.exec(path)?.[1];
      return part === undefined ? !path.endsWith('.test.ts') : !callers.includes(`'./parts/${part}'`);
    });
    expect(idle).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  const page = read('docs/architecture.md');

  it('shows every folder of the source', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    const missing = folders.map(({ name }) => name).filter((name) => !page.includes(`\`src/${name}\``));
    expect(missing).toEqual([]);
  });

  it('gives each rule one file, or one and the file of its parts', () => {
    const table = page.split('## One rule, one file')[1]?.split('\n## ')[0] ?? '';
    const rows = table.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:-|rule )/.test(line));
    expect(rows.length).toBeGreaterThan(15);
    expect(rows.filter((row) => pathsIn(row).length === 0)).toEqual([]);
  });
});
