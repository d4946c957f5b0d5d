import type { Request, RequestHandler, Response } from 'express';
import { AgentPeerError, messageOf } from '../errors.ts';
import type { Mount } from '../local-server/app.ts';
import { jsonBody, rawBody } from '../local-server/body.ts';
import type { Log } from '../log.ts';
import type { AgentApi } from '../ports/agent-api.ts';
import { systemRandom as random } from '../system.ts';

export interface McpMountParts {
  readonly api: AgentApi;
  readonly bodyBytes: number;
  readonly version: string;
  readonly log: Log;
}

const PATH = '/mcp';

function read(reader: RequestHandler, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    void reader(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error(messageOf(error)));
    });
  });
}

/** Throws AgentPeerError `local-route-unknown`, `local-method-unknown`. */
function checkPlace({ method, path }: Request, response: Response): void {
  if (path !== '/')
    throw new AgentPeerError(
      'local-route-unknown',
      `there is nothing at ${PATH}${path}`,
      `Use ${PATH} itself`,
    );
  if (method === 'POST') return;
  response.set('allow', 'POST');
  throw new AgentPeerError(
    'local-method-unknown',
    `${method} does not work on ${PATH}: there are no sessions, and nothing is sent unasked`,
    'POST each message of MCP',
  );
}

/**
 * The tools of agents at `/mcp`. Whatever the token, who calls here is an agent: a model that got hold of the owner's must
 * not begin chains as a person does. The SDK is loaded at the first call: many stacks never have one.
 */
export function createMcpMount({ api, bodyBytes, version, log }: McpMountParts): Mount {
  const reader = rawBody(bodyBytes);
  const onFault = (error: unknown) => log.error('mcp-call-failed', { detail: messageOf(error) });
  return {
    path: PATH,
    handle: async (request, response, { signal }) => {
      checkPlace(request, response);
      await read(reader, request, response);
      const body = jsonBody(request);
      const { answerHttp } = await import('../mcp/answer-http.ts');
      await answerHttp(request, response, body, { api, random, version, signal, onFault });
    },
  };
}
