import { AgentPeerError } from '../errors.ts';
import type { Io } from './io.ts';

const ENTER = new Set(['\r', '\n', '\u0004']);
const BACKSPACE = new Set(['\b', '\u007f']);
const INTERRUPT = '\u0003';

interface Typed {
  readonly text: string;
  readonly state: 'open' | 'done' | 'cancelled';
}

function type(text: string, keys: string): Typed {
  let typed = text;
  for (const key of keys) {
    if (key === INTERRUPT) return { text: '', state: 'cancelled' };
    if (ENTER.has(key)) return { text: typed, state: 'done' };
    typed = BACKSPACE.has(key) ? typed.slice(0, -1) : typed + key;
  }
  return { text: typed, state: 'open' };
}

function readKeys(stdin: NodeJS.ReadStream): Promise<Typed> {
  return new Promise((resolve) => {
    let typed: Typed = { text: '', state: 'open' };
    const onKeys = (keys: string) => {
      typed = type(typed.text, keys);
      if (typed.state === 'open') return;
      stdin.off('data', onKeys).pause();
      resolve(typed);
    };
    stdin
      .setEncoding('utf8')
      .on('data', onKeys)
      .once('end', () => resolve({ ...typed, state: 'cancelled' }))
      // A question before this one paused it.
      .resume();
  });
}

/** Asks on the terminal for something that must not be seen, nor stand in the shell's history. */
export async function promptHidden({ stdin, stderr }: Io, question: string): Promise<string> {
  stderr.write(`${question}: `);
  stdin.setRawMode(true);
  const { text, state } = await readKeys(stdin);
  stdin.setRawMode(false);
  stderr.write('\n');
  if (state === 'cancelled') throw new AgentPeerError('input-invalid', 'cancelled', 'Nothing was changed');
  return text;
}
