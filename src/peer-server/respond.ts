import type { ServerResponse } from 'node:http';

export const JSON_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Cuts off a client that takes an answer too slowly: one that reads a byte now and then is never idle. */
export function cutUnlessTaken(res: ServerResponse, answerMs: number): void {
  if (res.writableFinished || res.destroyed) return;
  const timer = setTimeout(() => res.destroy(), answerMs);
  res.once('close', () => clearTimeout(timer));
}

/** Writes the whole answer; does nothing when the other side has gone. */
export function writeJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (res.headersSent || res.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  res.writeHead(status, { ...JSON_HEADERS, 'content-length': bytes.length, ...headers });
  res.end(bytes);
}
