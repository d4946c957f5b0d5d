import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isMissing } from './audit-files.ts';

const CHUNK_BYTES = 64 * 1024;
/** Many times what a line has; what is longer is none of ours, and is not kept whole. */
const LINE_LENGTH = 16 * 1024;

/** The lines of an open file from its end, as far as they are asked for. Bytes as Latin-1: our lines are ASCII. */
function* backwards(fd: number): Generator<string> {
  let rest = '';
  for (let start = fstatSync(fd).size; start > 0;) {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, start));
    start -= chunk.length;
    readSync(fd, chunk, 0, chunk.length, start);
    const [first = '', ...lines] = (chunk.toString('latin1') + rest).split('\n');
    yield* lines.reverse();
    rest = first.slice(-LINE_LENGTH);
  }
  yield rest;
}

function openIfThere(file: string): number | null {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Last line first, over all of the files that are there. Holds a chunk at a time, however large a file is. */
export function* linesBackwards(files: readonly string[]): Generator<string> {
  for (const file of files) {
    const fd = openIfThere(file);
    if (fd === null) continue;
    try {
      yield* backwards(fd);
    } finally {
      closeSync(fd);
    }
  }
}
