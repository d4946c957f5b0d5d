import type { IncomingMessage, ServerResponse } from 'node:http';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpServer, type McpParts } from './server.ts';

function isCancellation(call: unknown): boolean {
  return (
    typeof call === 'object' && call !== null && 'method' in call && call.method === 'notifications/cancelled'
  );
}

/**
 * Without what cancels: there are no sessions, so of a batch it could only mean a call beside it, and the SDK answers no batch
 * of which one call was cancelled.
 */
function answerable(body: unknown): unknown {
  return Array.isArray(body) ? body.filter((call) => !isCancellation(call)) : body;
}

/**
 * Answers one POST. There are no sessions: a restart of the proxy is nothing that a client has to notice. The transport
 * is closed only when the answer is written, so that what waits while the proxy stops is answered with how it stands.
 */
export async function answerHttp(
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
  parts: McpParts,
): Promise<void> {
  const mcp = createMcpServer(parts);
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  try {
    await mcp.connect(transport);
    await transport.handleRequest(request, response, answerable(body));
  } finally {
    await mcp.close();
  }
}
