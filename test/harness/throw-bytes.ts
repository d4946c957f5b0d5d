/** Throws bytes at a listener, and says what came back and how it ended. */
import { connect } from 'node:net';
import { ADDRESS, type RawAnswer } from './peer-listener.ts';

export interface Thrown {
  /** Whole answers, in order. */
  readonly answers: readonly RawAnswer[];
  /** `hung`: neither an answer nor an end within the limit. */
  readonly ended: 'closed' | 'answered' | 'gone' | 'hung';
}

/** `stays`: for its answer. `half-closes`: says at once that nothing more will come. `goes`: does not wait for anything. */
export type Manner = 'stays' | 'half-closes' | 'goes';

const HEAD_END = '\r\n\r\n';

/** The whole answers at the beginning of `bytes`; what follows them is not one yet. */
function wholeAnswers(bytes: Buffer): readonly RawAnswer[] {
  const answers: RawAnswer[] = [];
  let at = 0;
  for (;;) {
    const split = bytes.indexOf(HEAD_END, at);
    if (split === -1) return answers;
    const head = bytes.subarray(at, split).toString('latin1');
    const from = split + HEAD_END.length;
    const to = from + Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (bytes.length < to) return answers;
    answers.push({ status: Number(head.slice(9, 12)), head, body: bytes.subarray(from, to).toString() });
    at = to;
  }
}

const saysClose = ({ head }: RawAnswer) => /\r\nconnection: close\b/i.test(head);

/** Never rejects: a reset is one of the ways in which a connection may end. */
export function throwBytes(
  { port, from, limitMs }: { readonly port: number; readonly from: string; readonly limitMs: number },
  bytes: Buffer,
  manner: Manner,
): Promise<Thrown> {
  const { promise, resolve } = Promise.withResolvers<Thrown>();
  const socket = connect({ host: ADDRESS.self, port, localAddress: from, allowHalfOpen: true });
  let seen = Buffer.alloc(0);
  const end = (ended: Thrown['ended']): void => {
    clearTimeout(limit);
    socket.resetAndDestroy();
    resolve({ answers: wholeAnswers(seen), ended });
  };
  const limit = setTimeout(() => end('hung'), limitMs);
  socket.on('data', (piece: Buffer) => {
    seen = Buffer.concat([seen, piece]);
    const last = wholeAnswers(seen).at(-1);
    // It would wait for a next request, and there is none.
    if (last !== undefined && !saysClose(last)) end('answered');
  });
  socket.on('error', () => undefined);
  socket.once('end', () => end('closed'));
  socket.once('close', () => end('closed'));
  if (manner === 'half-closes') socket.end(bytes);
  else socket.write(bytes, () => (manner === 'goes' ? end('gone') : undefined));
  return promise;
}
