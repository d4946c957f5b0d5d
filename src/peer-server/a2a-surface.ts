import type { IncomingMessage } from 'node:http';
import { A2A_PROTOCOL_VERSION, A2A_VERSION_HEADER } from '@a2a-js/sdk';
import { parseBody, readBody } from './body.ts';
import { readEnvelope } from './envelope.ts';
import { permit } from './exchange.ts';
import { methodOf } from './methods.ts';
import { Refusal, rpcRefusal } from './refuse.ts';
import type { SurfaceHandler } from './serve.ts';
import type { Target } from './target.ts';

/** A sender that names no version speaks 1.0, as stock OpenClaw does. */
function checkVersion({ headers }: IncomingMessage): void {
  const version = headers[A2A_VERSION_HEADER.toLowerCase()];
  if (version !== undefined && version !== A2A_PROTOCOL_VERSION) throw new Refusal('version-unsupported');
}

/**
 * `POST /a2a/v1[/<alias>]`: one JSON-RPC call. Who calls is judged before the body is read: whoever may do nothing
 * here has none of its bytes kept or parsed.
 */
export const a2aSurface: SurfaceHandler<Extract<Target, { readonly surface: 'a2a' }>> = {
  answer: async (deps, exchange, { req, target, signal }) => {
    exchange.alias = target.alias;
    permit(deps, exchange, { operation: 'health-read' });
    const call = readEnvelope(parseBody(await readBody(req, deps.limits.bodyBytes)));
    exchange.rpcId = call.id;
    checkVersion(req);
    const result = await methodOf(call.method)(deps, exchange, call.params, signal);
    return { status: 200, body: { jsonrpc: '2.0', id: call.id, result } };
  },
  refusal: ({ rpcId }) => rpcRefusal(rpcId),
};
