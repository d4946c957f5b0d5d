import { createInterface } from 'node:readline';
import { AgentPeerError } from '../errors.ts';
import type { Io } from './io.ts';
import { plain } from './plain.ts';

/** One line as it is typed, seen; empty at the end of the input. */
export function askLine({ stdin, stderr }: Io, question: string): Promise<string> {
  stderr.write(`${plain(question)} `);
  const lines = createInterface({ input: stdin, output: stderr, terminal: false });
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line.trim());
      lines.close();
    });
    lines.once('close', () => resolve(''));
  });
}

/** What a person types while there is no question yet answers none: nobody can agree to what they have not seen. */
export async function unheard<T>({ stdin }: Io, meanwhile: Promise<T>): Promise<T> {
  if (!stdin.isTTY) return meanwhile;
  stdin.resume();
  try {
    return await meanwhile;
  } finally {
    stdin.pause();
  }
}

/** To be called before anything is begun that a person must agree to. Throws AgentPeerError `input-invalid`. */
export function mustBeAskable({ stdin }: Io): void {
  if (stdin.isTTY) return;
  throw new AgentPeerError('input-invalid', 'there is no terminal to ask on', 'Say --yes');
}

/** Anything but y and yes is no. Throws AgentPeerError `input-invalid` where there is nobody to ask. */
export async function askYes(io: Io, question: string): Promise<boolean> {
  mustBeAskable(io);
  return /^y(es)?$/i.test(await askLine(io, `${question} [y/N]`));
}
