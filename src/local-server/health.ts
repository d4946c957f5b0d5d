import { AgentPeerError } from '../errors.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { Tailnet } from '../ports/tailnet.ts';
import type { z } from 'zod';
import { health as answer } from './answers/stack.ts';
import type { Route } from './route.ts';

/** As the other routes are told of. It is answered before any token is looked at. */
export const HEALTH: Omit<Route, 'handle'> = {
  method: 'GET',
  path: '/health',
  roles: [],
  summary: 'Whether peers can reach this stack, and how its gateway is.',
  body: null,
  query: null,
  answers: { 200: answer, 503: answer },
};

/** 503: peers cannot reach us. */
export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: z.infer<typeof answer>;
}

/**
 * Liveness for the engine, and one word about the gateway. 200 as long as peers can reach us: a message for a gateway
 * that is away is kept. A process that cannot see its tailnet is of no use, however well it answers on loopback.
 */
export async function health(tailnet: Tailnet, gateway: Pick<Gateway, 'state'>): Promise<HealthAnswer> {
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
