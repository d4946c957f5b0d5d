import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Posted {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface NoticeServer {
  readonly url: string;
  readonly posted: readonly Posted[];
  /** What is answered from now on. */
  answer: (response: ServerResponse) => void;
}

/** A server that takes notices, as ntfy does. */
export async function startNoticeServer(): Promise<NoticeServer> {
  const posted: Posted[] = [];
  const state = { answer: (response: ServerResponse) => void response.end('{"id":"x"}') };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url: path, headers } = request;
      posted.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
      state.answer(response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, { url: `http://127.0.0.1:${port}/secret-topic?k=v`, posted });
}
