/**
 * Who may import whom. The core imports nothing but itself; a feature folder imports the core, the ports and a few
 * single files, never another feature; only main.ts, cli and lab put parts together. What A2A looks like is written once,
 * in a folder that the two listeners and the sender share.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
const SINGLE_FILES = ['ports', 'errors.ts', 'log.ts', 'digests.ts', 'system.ts'];
/** Who speaks A2A, and so may import how it is read and written. */
const SPEAKERS = ['peer-server', 'peer-transport', 'loopback-peers'];
const ASSEMBLERS = ['main.ts', 'stack', 'cli', 'lab'];

const files = (readdirSync(SRC, { recursive: true }) as string[]).filter((file) => file.endsWith('.ts'));

function importsOf(file: string): string[] {
  const source = readFileSync(join(SRC, file), 'utf8');
  return [...source.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, specifier]) => specifier ?? '');
}

/** Top-level folder or file below src, for a relative import; null for a package. */
function targetOf(file: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  return relative(SRC, join(SRC, dirname(file), specifier)).split('/')[0] ?? '';
}

const partOf = (file: string) => file.split('/')[0] ?? '';

describe('imports', () => {
  it('sees the project at all', () => {
    expect(files.length).toBeGreaterThan(40);
    expect(importsOf('core/decide.ts')).toContain('./policy.ts');
  });

  it.each(files.filter((file) => partOf(file) === 'core'))('%s imports only the core', (file) => {
    for (const specifier of importsOf(file)) expect(targetOf(file, specifier), specifier).toBe('core');
  });

  const features = files.filter(
    (file) => file.includes('/') && !['core', ...ASSEMBLERS].includes(partOf(file)),
  );
  it.each(features)('%s imports no other feature', (file) => {
    const part = partOf(file);
    const allowed = ['core', part, ...SINGLE_FILES, ...(SPEAKERS.includes(part) ? ['a2a'] : [])];
    for (const specifier of importsOf(file)) {
      const target = targetOf(file, specifier);
      if (target !== null) expect(allowed, `${file} imports ${specifier}`).toContain(target);
    }
  });

  it('keeps dockerode and testcontainers out of the product', () => {
    const product = files.filter((file) => partOf(file) !== 'lab');
    const offenders = product.filter((file) =>
      importsOf(file).some((name) => /^(dockerode|testcontainers)$/.test(name)),
    );
    expect(offenders).toEqual([]);
  });

  it('reads the environment in src/config and the lab only', () => {
    const readers = files.filter((file) => /process\.env/.test(readFileSync(join(SRC, file), 'utf8')));
    const allowed = readers.filter((file) => ['config', 'lab', 'main.ts', 'cli'].includes(partOf(file)));
    expect(readers).toEqual(allowed);
  });

  it('names no folder or file for nothing', () => {
    expect(
      files.filter((file) => /(^|\/)(utils?|helpers?|common|misc|manager|shared)(\.ts|\/)/.test(file)),
    ).toEqual([]);
  });
});
