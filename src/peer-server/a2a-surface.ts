import { parseBody, readBody } from '../a2a/body.ts';
import { readEnvelope } from '../a2a/envelope.ts';
import { methodOf, type ServedMethod } from '../a2a/methods.ts';
import { rpcRefusal } from '../a2a/refusal.ts';
import { checkVersion } from '../a2a/version.ts';
import { cancelTask } from './cancel-task.ts';
import type { Deps } from './deps.ts';
import { permit, type Exchange } from './exchange.ts';
import { getTask } from './get-task.ts';
import { sendMessage } from './send-message.ts';
import type { SurfaceHandler } from './serve.ts';
import type { Target } from './target.ts';

/** Answers the `result` of a call. Throws Refusal. */
type Method = (deps: Deps, exchange: Exchange, params: unknown, signal: AbortSignal) => Promise<unknown>;

const METHODS: Readonly<Record<ServedMethod, Method>> = {
  send: sendMessage,
  get: getTask,
  cancel: cancelTask,
};

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
    const result = await METHODS[methodOf(call.method)](deps, exchange, call.params, signal);
    return { status: 200, body: { jsonrpc: '2.0', id: call.id, result } };
  },
  refusal: ({ rpcId }) => rpcRefusal(rpcId),
};
