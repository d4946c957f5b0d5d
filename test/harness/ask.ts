/** One request on a connection of its own that the client would keep open: the server alone decides to close it. */
import { connect, type Socket } from 'node:net';
import { ADDRESS, rawRequest, type RawAnswer, type Sent } from './peer-listener.ts';

export interface Answer extends RawAnswer {
  /** By the server, behind its answer. */
  readonly closed: boolean;
}

/** Longer than any answer of these tests may take: who waits so long, waits for ever. */
const HANG_MS = 10_000;
const HEAD_END = '\r\n\r\n';

/** Null while something of it is still to come. */
function wholeAnswer(bytes: Buffer): RawAnswer | null {
  const split = bytes.indexOf(HEAD_END);
  if (split === -1) return null;
  const head = bytes.subarray(0, split).toString('latin1');
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
  const body = bytes.subarray(split + HEAD_END.length);
  if (Number.isNaN(length) || body.length > length) throw new Error(`more or less than one answer: ${head}`);
  return body.length < length ? null : { status: Number(head.slice(9, 12)), head, body: body.toString() };
}

const saysClose = ({ head }: RawAnswer) => /\r\nconnection: close\b/i.test(head);

function readAnswer(socket: Socket): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const pieces: Buffer[] = [];
  let answer: RawAnswer | null = null;
  const hang = setTimeout(() => {
    if (answer === null) reject(new Error(`no answer after ${HANG_MS} ms`));
    else resolve({ ...answer, closed: false });
  }, HANG_MS);
  socket.on('data', (piece: Buffer) => {
    pieces.push(piece);
    try {
      answer = wholeAnswer(Buffer.concat(pieces));
    } catch (error) {
      reject(error);
    }
    if (answer !== null && !saysClose(answer)) resolve({ ...answer, closed: false });
  });
  socket.once('error', reject);
  socket.once('close', () => {
    if (answer === null) reject(new Error(`closed after ${Buffer.concat(pieces).length} bytes`));
    else resolve({ ...answer, closed: true });
  });
  return promise.finally(() => {
    clearTimeout(hang);
    socket.resetAndDestroy();
  });
}

/** Throws Error when there is no answer, half of one, or more than one. */
export async function ask(port: number, sent: Sent): Promise<Answer> {
  const socket = connect({ host: ADDRESS.self, port, localAddress: sent.from ?? ADDRESS.bob });
  socket.write(rawRequest({ ...sent, headers: { connection: 'keep-alive', ...sent.headers } }));
  return readAnswer(socket);
}
