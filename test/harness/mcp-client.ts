import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { onTestFinished } from 'vitest';

/** What a tool answered, as a test looks at it. */
export interface ToolAnswer {
  readonly isError: boolean;
  readonly text: string;
  readonly structured: Readonly<Record<string, unknown>>;
}

export interface McpSide {
  readonly client: Client;
  readonly call: (name: string, args?: Readonly<Record<string, unknown>>) => Promise<ToolAnswer>;
}

/** The official client, over any transport; it holds every structured answer against the schema that the tool named. */
export async function connectMcp(transport: Transport): Promise<McpSide> {
  const client = new Client({ name: 'a-test', version: '1.0.0' });
  await client.connect(transport);
  onTestFinished(() => client.close());
  await client.listTools();
  return {
    client,
    call: async (name, args = {}) => {
      const result = CallToolResultSchema.parse(await client.callTool({ name, arguments: args }));
      const texts = result.content.map((one) => (one.type === 'text' ? one.text : ''));
      return {
        isError: result.isError === true,
        text: texts.join('\n'),
        structured: result.structuredContent ?? {},
      };
    },
  };
}

export function httpTransport(port: number, token: string | null): Transport {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  return new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), {
    requestInit: { headers: authorization },
  });
}
