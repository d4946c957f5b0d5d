/** Putting files into a build context. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes files to their relative paths in a build context: what was hashed is what is built, even when a source is
 * edited in between.
 * @param {{ path: string, content: string | Buffer }[]} files
 * @param {string} context
 */
export function stageFiles(files, context) {
  for (const { path, content } of files) {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    writeFileSync(join(context, path), content);
  }
}

/**
 * Moves /bin, /sbin, /lib… of an unpacked file tree into /usr and links them there, as the distributions do now.
 * @param {string} rootfs
 */
export function mergeUsr(rootfs) {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    const old = join(rootfs, name);
    const merged = join(rootfs, 'usr', name);
    mkdirSync(merged, { recursive: true });
    if (existsSync(old) && !lstatSync(old).isSymbolicLink()) {
      moveInto(old, merged);
      rmSync(old, { recursive: true });
    }
    if (!existsSync(old)) symlinkSync(`usr/${name}`, old);
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
function moveInto(from, to) {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const target = join(to, entry.name);
    if (entry.isDirectory() && existsSync(target)) moveInto(join(from, entry.name), target);
    else renameSync(join(from, entry.name), target);
  }
}

/**
 * Removes what only a person at a terminal would read.
 * @param {string} rootfs
 */
export function dropDocumentation(rootfs) {
  for (const name of ['bug', 'doc', 'doc-base', 'gcc', 'gdb', 'info', 'lintian', 'locale', 'man']) {
    rmSync(join(rootfs, 'usr', 'share', name), { recursive: true, force: true });
  }
}
