import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { parsed, problem, type Parsed } from '../core/parsed.ts';

const LIMIT_BYTES = 4096;
const READABLE_BY_ALL = 0o004;

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: `may not be read by user ${process.getuid?.() ?? 'of this process'}`,
  EPERM: `may not be read by user ${process.getuid?.() ?? 'of this process'}`,
  EISDIR: 'is a directory',
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

function readOpen(file: number, path: string, where: string): Parsed<string> {
  const { mode, size } = fstatSync(file);
  if ((mode & READABLE_BY_ALL) !== 0) {
    return problem(where, `${path} can be read by every user`, `Run: chmod o-rwx ${path}`);
  }
  if (size > LIMIT_BYTES) return problem(where, `${path} is too long for a secret`, 'Name the right file');
  const value = readFileSync(file, 'utf8').trim();
  if (value === '') return problem(where, `${path} is empty`, 'Write the secret into it');
  return parsed(value);
}

/**
 * The secret in a file, without white space around it. Looks at the same open file that it reads, so that nothing
 * can be put in between.
 * @param where the variable or option that named the file
 */
export function readSecretFile(path: string, where: string): Parsed<string> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const code = codeOf(error);
    return problem(
      where,
      `${path} ${UNREADABLE[code] ?? `cannot be opened (${code})`}`,
      'Check the path and the owner of the file',
    );
  }
  try {
    return readOpen(file, path, where);
  } catch (error) {
    const code = codeOf(error);
    return problem(where, `${path} ${UNREADABLE[code] ?? `cannot be read (${code})`}`, 'Name a file');
  } finally {
    closeSync(file);
  }
}
