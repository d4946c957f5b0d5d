import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pace } from './attack.ts';

const HEAD_END = '\r\n\r\n';

export interface Way {
  readonly host: string;
  readonly port: number;
  /** Address that the connection comes from. */
  readonly from: string;
  /** A connection still open after this is a hang. */
  readonly limitMs: number;
}

function* slicesOf(bytes: Buffer, { slice = bytes.length, headFirst = false }: Pace): Generator<Buffer> {
  const head = headFirst ? bytes.indexOf(HEAD_END) + HEAD_END.length : 0;
  if (head > 0) yield bytes.subarray(0, head);
  for (let at = head; at < bytes.length; at += slice) yield bytes.subarray(at, at + slice);
}

/** Everything that came back until the server closed the connection. Throws Error when it never does, or never opened. */
export async function sendBytes(way: Way, bytes: Buffer, pace: Pace = {}): Promise<Buffer> {
  const socket = connect({ host: way.host, port: way.port, localAddress: way.from });
  const pieces: Buffer[] = [];
  let [opened, hung] = [false, false];
  const limit = setTimeout(() => {
    hung = true;
    socket.destroy();
  }, way.limitMs);
  socket.once('connect', () => (opened = true));
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  // A reset is how some closings look from here; what arrived before it is judged.
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const slice of slicesOf(bytes, pace)) {
    if (socket.destroyed) break;
    socket.write(slice);
    if (pace.pauseMs !== undefined) await sleep(pace.pauseMs);
  }
  await closed;
  clearTimeout(limit);
  if (hung) throw new Error(`still open after ${way.limitMs} ms`);
  if (!opened) throw new Error('no connection');
  return Buffer.concat(pieces);
}
