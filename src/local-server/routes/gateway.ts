import { z } from 'zod';
import type { GatewayPairing, PairingStep } from '../../ports/gateway.ts';
import { route, type Route } from '../route.ts';
import { pairingStep, unpaired } from '../answers/stack.ts';

const sharedToken = z.strictObject({ token: z.string().min(1).max(4096) });

const nothing = z.strictObject({}).optional();

export type StepView = z.infer<typeof pairingStep>;
export type UnpairedView = z.infer<typeof unpaired>;

function stepView(step: PairingStep): StepView {
  switch (step.kind) {
    case 'approval-needed': {
      const { requestId, deviceId } = step;
      return { step: step.kind, requestId, deviceId, command: `openclaw devices approve ${requestId}` };
    }
    case 'paired': {
      const { scopes, excess, approvedSilently } = step;
      return { step: step.kind, scopes, excess, approvedSilently };
    }
  }
}

function unpairedView(deviceId: string | null): UnpairedView {
  return { deviceId, command: deviceId === null ? null : `openclaw devices remove ${deviceId}` };
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
    answers: { 200: pairingStep },
    handle: async ({ body: { token } }) => ({ status: 200, body: stepView(await gateway.pair(token)) }),
  });
  const unpair = route({
    method: 'POST',
    path: '/api/v1/gateway/unpair',
    roles: ['owner'],
    summary: 'Forget the device key and the device token of this stack. Messages are kept.',
    body: nothing,
    query: null,
    answers: { 200: unpaired },
    handle: async () => {
      const { deviceId } = await gateway.unpair();
      return { status: 200, body: unpairedView(deviceId) };
    },
  });
  return [pair, unpair];
}
