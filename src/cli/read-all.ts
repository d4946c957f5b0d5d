import type { Readable } from 'node:stream';
import { AgentPeerError } from '../errors.ts';

/** Every byte of a stream. Throws AgentPeerError `input-invalid` past `limit` bytes, without reading on. */
export async function readAll(stream: Readable, limit: number, what: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stream) {
    const buffer = Buffer.from(piece as Uint8Array);
    bytes += buffer.length;
    if (bytes > limit)
      throw new AgentPeerError('input-invalid', `${what} is longer than ${limit} bytes`, 'Give less');
    pieces.push(buffer);
  }
  return Buffer.concat(pieces);
}
