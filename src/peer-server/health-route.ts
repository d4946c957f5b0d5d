import type { IncomingMessage, ServerResponse } from 'node:http';
import { A2A_PROTOCOL_VERSION } from '@a2a-js/sdk';
import { identify } from './authenticate.ts';
import type { Deps } from './deps.ts';
import { newExchange, record, requirePeer, type Exchange } from './exchange.ts';
import { checkHead } from './head.ts';
import { Refusal, refusalOf, writeRefusal } from './refuse.ts';
import { writeJson } from './respond.ts';

/** Versions help an attacker choose: only a paired peer is told. A bad token is not refused here, and gains nothing. */
function details(deps: Deps, exchange: Exchange): object {
  if (exchange.caller.presented === null) return {};
  try {
    requirePeer(deps, exchange, 'health-read');
    record(deps, exchange, true, 'allowed');
    return { version: deps.version, protocol: A2A_PROTOCOL_VERSION };
  } catch (error) {
    const { reason } = refusalOf(error);
    record(deps, exchange, false, reason);
    return {};
  }
}

/** One word to any node of the tailnet; to a node that tailscaled does not know, nothing. */
export async function serveHealth(deps: Deps, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const exchange = newExchange(null);
  exchange.operation = 'health-read';
  try {
    checkHead(req, 'GET');
    exchange.caller = await identify(req, deps);
    if (exchange.caller.nodeId === null) throw new Refusal('node-unknown');
    const obstacle = deps.readiness();
    const more = details(deps, exchange);
    writeJson(res, obstacle === null ? 200 : 503, { status: obstacle ?? 'ok', ...more });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal.reason === 'stack-not-ready') writeJson(res, 503, { status: refusal.reason });
    else await writeRefusal(req, res, refusal, null);
  }
}
