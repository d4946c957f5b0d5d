import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createMcpServer, type McpParts } from './server.ts';

/** Serves until the client closes our stdin, or reads our stdout no more; what waits then is not waited for. */
export async function serveStdio(
  stdin: Readable,
  stdout: Writable,
  parts: Omit<McpParts, 'signal'>,
): Promise<void> {
  const gone = new AbortController();
  const mcp = createMcpServer({ ...parts, signal: gone.signal });
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) stdin.once(event, resolve);
    stdout.once('error', () => resolve());
  });
  await mcp.connect(new StdioServerTransport(stdin, stdout));
  await ended;
  gone.abort();
  await mcp.close();
}
