/** Names for images that change exactly when what defines them changes. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * All files under some paths of a folder, as sorted relative paths with forward slashes. Paths that do not exist are
 * left out.
 * @param {string} root
 * @param {string[]} paths files or folders, relative to root
 * @param {(path: string) => boolean} [keep]
 * @returns {string[]}
 */
export function filesUnder(root, paths, keep = () => true) {
  const found = paths
    .map((path) => join(root, path))
    .filter((path) => existsSync(path))
    .flatMap((path) => {
      if (statSync(path).isFile()) return [path];
      const entries = readdirSync(path, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    });
  return [...new Set(found.map((path) => relative(root, path).split(sep).join('/')))].filter(keep).sort();
}

/**
 * First twelve hex digits of SHA-256 over names and contents of files, and over the pins.
 * @param {{ path: string, content: string | Buffer }[]} files
 * @param {Record<string, string>} pins
 */
export function contentHash(files, pins) {
  const hash = createHash('sha256');
  for (const { path, content } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    hash
      .update(`file ${path} ${Buffer.byteLength(content)}\n`)
      .update(content)
      .update('\n');
  }
  for (const name of Object.keys(pins).sort()) hash.update(`pin ${JSON.stringify([name, pins[name]])}\n`);
  return hash.digest('hex').slice(0, 12);
}

/**
 * @param {string} root
 * @param {string[]} paths relative to root
 */
export function readAll(root, paths) {
  return paths.map((path) => ({ path, content: readFileSync(join(root, path)) }));
}
