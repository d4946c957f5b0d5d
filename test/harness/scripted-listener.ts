/** What answers at the address of a peer's node, as a test says: HTTP in the raw, and every request that came. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Seen {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly from: string;
}

export interface ScriptedListener {
  readonly port: number;
  readonly origin: string;
  readonly seen: readonly Seen[];
  /** How many connections were made to it. */
  readonly connections: () => number;
  answer: (response: ServerResponse) => void;
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}) {
  return (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

export async function startScriptedListener(address: string): Promise<ScriptedListener> {
  const seen: Seen[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const from = request.socket.remoteAddress ?? '';
    seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, from });
    listener.answer(response);
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, address);
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  const listener: ScriptedListener = {
    port,
    origin: `http://${address}:${port}`,
    seen,
    connections: () => connections,
    answer: json(200, { status: 'ok' }),
  };
  return listener;
}
