import { A2A_PROTOCOL_VERSION } from '@a2a-js/sdk';
import type { Deps } from './deps.ts';
import { permit, record, type Exchange } from './exchange.ts';
import { Refusal, rpcRefusal } from '../a2a/refusal.ts';
import { refusalOf } from './refuse.ts';
import type { SurfaceHandler } from './serve.ts';
import type { Target } from './target.ts';

/** Versions help an attacker choose: only a paired peer is told. A bad token is not refused here, and gains nothing. */
function details(deps: Deps, exchange: Exchange): object {
  if (exchange.caller.presented === null) return {};
  exchange.operation = 'health-read';
  try {
    permit(deps, exchange, { operation: 'health-read' });
    record(deps, exchange, true, 'allowed');
    return { version: deps.version, protocol: A2A_PROTOCOL_VERSION };
  } catch (error) {
    const { reason } = refusalOf(error);
    record(deps, exchange, false, reason);
    return {};
  }
}

/** Why this stack serves nobody now, in one word; null when it does. */
function standing(deps: Deps, exchange: Exchange): string | null {
  try {
    permit(deps, exchange, { operation: 'liveness-read' });
    return deps.readiness();
  } catch (error) {
    if (error instanceof Refusal && error.reason !== 'node-unknown') return 'stack-not-ready';
    throw error;
  }
}

/** `GET /health`: one word to any node of the tailnet; to a node that tailscaled does not know, nothing. */
export const healthSurface: SurfaceHandler<Extract<Target, { readonly surface: 'health' }>> = {
  answer: (deps, exchange) => {
    exchange.operation = 'liveness-read';
    const obstacle = standing(deps, exchange);
    const more = details(deps, exchange);
    return Promise.resolve({
      status: obstacle === null ? 200 : 503,
      body: { status: obstacle ?? 'ok', ...more },
    });
  },
  refusal: () => rpcRefusal(null),
};
