import type { IncomingMessage } from 'node:http';
import { problemLine } from '../core/parsed.ts';
import { parseStrictJson, type JsonValue } from '../core/strict-json.ts';
import { Refusal } from './refusal.ts';

/** One-byte chunks cost a thousand times their bytes in work; an honest sender needs some hundred pieces. */
export const MAX_PIECES = 4096;

/** The raw body. Throws Refusal `body-too-large`, and `request-timeout` when the sender went away before its end. */
export async function readBody(req: IncomingMessage, limitBytes: number): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > limitBytes) {
    throw new Refusal('body-too-large', `at most ${limitBytes} bytes`);
  }
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const take = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limitBytes) reject(new Refusal('body-too-large', `at most ${limitBytes} bytes`));
    else if (chunks.length === MAX_PIECES) reject(new Refusal('body-too-large', 'in too many pieces'));
    else chunks.push(chunk);
  };
  const gone = () => reject(new Refusal('request-timeout'));
  req.on('data', take);
  req.once('end', () => resolve(Buffer.concat(chunks)));
  req.once('error', gone);
  req.once('close', gone);
  return promise.finally(() => req.off('data', take));
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal('body-unparseable', 'body: is not UTF-8');
  }
}

/** Throws Refusal `body-unparseable` with the place. A byte order mark is kept by the decoder and refused by the reader. */
export function parseBody(bytes: Buffer): JsonValue {
  const json = parseStrictJson(decodeUtf8(bytes));
  if (!json.ok) throw new Refusal('body-unparseable', problemLine(json.problem));
  return json.value;
}
