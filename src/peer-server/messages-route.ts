import type { IncomingMessage, ServerResponse } from 'node:http';
import { A2A_PROTOCOL_VERSION, A2A_VERSION_HEADER } from '@a2a-js/sdk';
import type { Alias } from '../core/alias.ts';
import { identify } from './authenticate.ts';
import { parseBody, readBody } from './body.ts';
import type { Deps } from './deps.ts';
import { readEnvelope } from './envelope.ts';
import { newExchange, record, requirePeer, type Exchange } from './exchange.ts';
import { checkHead } from './head.ts';
import { methodOf } from './methods.ts';
import { Refusal, refusalOf, tellRefusal, writeRefusal } from './refuse.ts';
import { writeJson } from './respond.ts';

/** A sender that names no version speaks 1.0, as stock OpenClaw does. */
function checkVersion({ headers }: IncomingMessage): void {
  const version = headers[A2A_VERSION_HEADER.toLowerCase()];
  if (version !== undefined && version !== A2A_PROTOCOL_VERSION) throw new Refusal('version-unsupported');
}

/** Says who calls before the body is read: whoever may do nothing here has none of its bytes kept or parsed. */
async function admit(deps: Deps, req: IncomingMessage, exchange: Exchange): Promise<void> {
  exchange.caller = await identify(req, deps);
  requirePeer(deps, exchange, 'health-read');
}

async function answer(
  deps: Deps,
  req: IncomingMessage,
  exchange: Exchange,
  signal: AbortSignal,
): Promise<unknown> {
  await admit(deps, req, exchange);
  const call = readEnvelope(parseBody(await readBody(req, deps.limits.bodyBytes)));
  exchange.rpcId = call.id;
  checkVersion(req);
  return methodOf(call.method)(deps, exchange, call.params, signal);
}

/** Refused before anyone was asked who calls: nothing was decided about a peer, so nothing is recorded. */
async function plainHead(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  try {
    checkHead(req, 'POST');
    return true;
  } catch (error) {
    await writeRefusal(req, res, refusalOf(error), null);
    return false;
  }
}

/**
 * One JSON-RPC call from socket to answer: head, caller, body, envelope, method. Every refusal on the way ends here,
 * recorded once and answered once.
 */
export async function serveMessages(
  deps: Deps,
  req: IncomingMessage,
  res: ServerResponse,
  target: { readonly alias: Alias | null; readonly signal: AbortSignal },
): Promise<void> {
  if (!(await plainHead(req, res))) return;
  const exchange = newExchange(target.alias);
  try {
    const result = await answer(deps, req, exchange, target.signal);
    writeJson(res, 200, { jsonrpc: '2.0', id: exchange.rpcId, result });
  } catch (error) {
    const refusal = tellRefusal(deps.log, error);
    record(deps, exchange, false, refusal.reason);
    await writeRefusal(req, res, refusal, exchange.rpcId);
  }
}
