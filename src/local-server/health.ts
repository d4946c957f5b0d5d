import { AgentPeerError } from '../errors.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { Tailnet } from '../ports/tailnet.ts';
import type { JsonAnswer } from './route.ts';

/**
 * Liveness for the engine, and one word about the gateway. 200 as long as peers can reach us: a message for a gateway
 * that is away is kept. A process that cannot see its tailnet is of no use, however well it answers on loopback.
 */
export async function health(tailnet: Tailnet, gateway: Pick<Gateway, 'state'>): Promise<JsonAnswer> {
  const word = gateway.state().kind;
  try {
    const { backendState } = await tailnet.status();
    if (backendState === 'Running') return { status: 200, body: { status: 'ok', gateway: word } };
    return { status: 503, body: { status: 'tailnet-not-running', gateway: word } };
  } catch (error) {
    if (!(error instanceof AgentPeerError)) throw error;
    return { status: 503, body: { status: error.code, gateway: word } };
  }
}
