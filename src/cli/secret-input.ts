import { readSecretFile } from '../config/secret-file.ts';
import { AgentPeerError, fromProblem } from '../errors.ts';
import type { Io } from './io.ts';
import { promptHidden } from './prompt.ts';
import { readAll } from './read-all.ts';

const LIMIT_BYTES = 4096;

/**
 * A secret from a file, from stdin, or typed unseen. Never from an argument: those stand in the process list and in
 * the shell's history.
 * @param option the option that can name a file, for messages
 * @param question what is asked on a terminal
 * @param what it is, for messages
 */
export async function readSecret(
  io: Io,
  file: string | undefined,
  option: string,
  question: string,
  what = 'token',
): Promise<string> {
  if (file !== undefined) {
    const read = readSecretFile(file, option);
    if (!read.ok) throw fromProblem('input-invalid', read.problem);
    return read.value;
  }
  const typed = io.stdin.isTTY
    ? await promptHidden(io, question)
    : (await readAll(io.stdin, LIMIT_BYTES, 'stdin')).toString('utf8');
  const secret = typed.trim();
  if (secret !== '') return secret;
  throw new AgentPeerError(
    'input-invalid',
    `no ${what} was given`,
    `Type it, pipe it to stdin, or name a file with ${option}`,
  );
}
