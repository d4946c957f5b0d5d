import type { IncomingMessage } from 'node:http';
import { MAX_PIECES } from './body.ts';

const DRAIN_BYTES = 1024 * 1024;
const DRAIN_MS = 1000;

/**
 * Reads away what is left of a body, up to a limit. A socket that is closed with bytes unread is reset, and the reset
 * takes the answer with it.
 */
export function drain(req: IncomingMessage): Promise<void> {
  if (req.readableEnded || req.destroyed || Number(req.headers['content-length'] ?? 0) > DRAIN_BYTES) {
    return Promise.resolve();
  }
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let bytes = 0;
  let pieces = 0;
  const done = () => {
    clearTimeout(timer);
    req.off('data', count);
    req.pause();
    resolve(undefined);
  };
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    pieces += 1;
    if (bytes > DRAIN_BYTES || pieces > MAX_PIECES) done();
  };
  const timer = setTimeout(done, DRAIN_MS);
  req.on('data', count);
  req.once('end', done);
  req.once('close', done);
  req.once('error', done);
  req.resume();
  return promise;
}
