import { parseText, TEXT_LIMIT_BYTES } from '../core/message.ts';
import { AgentPeerError, fromProblem } from '../errors.ts';
import type { Io } from './io.ts';
import { readAll } from './read-all.ts';
import { decodeText, readFile } from './read-file.ts';

/** Enough to say how long a text is that is too long, and no more. */
const READ_LIMIT_BYTES = 16 * TEXT_LIMIT_BYTES;

export interface TextSource {
  readonly words: readonly string[];
  readonly file: string | undefined;
}

async function bytesOf(io: Io, { words, file }: TextSource): Promise<Buffer | string> {
  if (file !== undefined && words.length > 0) {
    throw new AgentPeerError('input-invalid', 'there is a text and a --file', 'Give one of the two');
  }
  if (file !== undefined) return readFile(file, '--file');
  if (words.length > 0 && words.join(' ') !== '-') return words.join(' ');
  if (io.stdin.isTTY) io.stderr.write('Type the message; end with Ctrl-D on a line of its own.\n');
  return readAll(io.stdin, READ_LIMIT_BYTES, 'the text');
}

/** The text of a message, checked before anything is sent. Throws AgentPeerError `input-invalid`, `message-invalid`. */
export async function readText(io: Io, source: TextSource): Promise<string> {
  const given = await bytesOf(io, source);
  const text = parseText(typeof given === 'string' ? given : decodeText(given, 'text'));
  if (text.ok) return text.value;
  throw fromProblem('message-invalid', text.problem);
}
