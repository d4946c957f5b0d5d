import { z } from 'zod';
import type { GatewayPairing, PairingStep } from '../../ports/gateway.ts';
import { route, type Route } from '../route.ts';

const sharedToken = z.strictObject({ token: z.string().min(1).max(4096) });

function stepView(step: PairingStep) {
  switch (step.kind) {
    case 'approval-needed': {
      const { requestId, deviceId } = step;
      return { step: step.kind, requestId, deviceId, command: `openclaw devices approve ${requestId}` };
    }
    case 'paired':
      return { step: step.kind, scopes: step.scopes, approvedSilently: step.approvedSilently };
  }
}

export function gatewayRoutes(gateway: GatewayPairing): readonly Route[] {
  const pair = route({
    method: 'POST',
    path: '/api/v1/gateway/pair',
    roles: ['owner'],
    summary:
      'One step of pairing this stack with its gateway; the shared token is used for it and kept nowhere.',
    body: sharedToken,
    query: null,
    handle: async ({ body: { token } }) => ({ status: 200, body: stepView(await gateway.pair(token)) }),
  });
  return [pair];
}
