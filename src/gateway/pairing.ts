import { AgentPeerError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { GatewayPairing, PairingStep } from '../ports/gateway.ts';
import { excessScopes, incompatibilityOf } from './compatibility.ts';
import type { ConnectFailure } from './connect-failure.ts';
import type { Connect, Connection } from './connection.ts';
import type { Device } from './device.ts';

interface PairingDeps {
  readonly url: string;
  readonly connect: Connect;
  readonly device: Device;
  readonly log: Log;
  /** Called when the device token is known to be good. */
  readonly onPaired: () => void;
  /** Called when the token is gone; resolves when nothing connects with it any more. */
  readonly onForgotten: () => Promise<void>;
}

type Paired = Extract<PairingStep, { kind: 'paired' }>;
type Approval = Extract<ConnectFailure, { kind: 'approval-needed' }>;

function errorOf(failure: Exclude<ConnectFailure, Approval>, url: string): AgentPeerError {
  switch (failure.kind) {
    case 'unreachable':
      return new AgentPeerError(
        'gateway-unreachable',
        `${url}: ${failure.detail}`,
        'Start the gateway, then try again',
      );
    case 'token-refused':
      return new AgentPeerError(
        'gateway-token-refused',
        `${url}: ${failure.detail}`,
        "Give the value of gateway.auth.token in the gateway's configuration",
      );
    case 'incompatible':
      return incompatible(url, failure.detail);
  }
}

function incompatible(url: string, detail: string): AgentPeerError {
  const fix = 'Check that OpenClaw 2026.8 or 2026.9 listens there, with a token as its gateway.auth.mode';
  return new AgentPeerError('gateway-incompatible', `${url}: ${detail}`, fix);
}

/** Pairs this stack as a device. The shared token lives in the arguments of one call and nowhere else. */
export function createPairing(deps: PairingDeps): GatewayPairing {
  const { url, connect, device, log, onPaired, onForgotten } = deps;

  function checked(connection: Connection): Pick<Paired, 'scopes' | 'excess'> {
    const detail = incompatibilityOf(connection.hello);
    if (detail !== null) throw incompatible(url, detail);
    const excess = excessScopes(connection.hello);
    if (excess.length > 0) log.warn('gateway-scopes-wide', { excess });
    return { scopes: connection.hello.scopes, excess };
  }

  function afterOwnToken(failure: ConnectFailure): null {
    if (failure.kind === 'token-refused' || failure.kind === 'approval-needed') return null;
    throw errorOf(failure, url);
  }

  /** Null when the stored token opens nothing any more, or there is none. */
  async function alreadyPaired(): Promise<PairingStep | null> {
    const token = device.token();
    if (token === null) return null;
    const result = await connect({ kind: 'device', token }, new AbortController().signal);
    if (!result.ok) return afterOwnToken(result.failure);
    await result.connection.close();
    const given = checked(result.connection);
    onPaired();
    return { kind: 'paired', ...given, approvedSilently: false };
  }

  function afterSharedToken(failure: ConnectFailure): PairingStep {
    if (failure.kind !== 'approval-needed') throw errorOf(failure, url);
    const { requestId } = failure;
    device.noteAsked(requestId);
    return { kind: 'approval-needed', requestId, deviceId: device.identity().deviceId };
  }

  function accepted(connection: Connection): PairingStep {
    const given = checked(connection);
    const { deviceToken } = connection.hello;
    if (deviceToken === null) throw incompatible(url, 'the gateway let us in but gave this device no token');
    const approvedSilently = !device.askedForApproval();
    device.storeToken(deviceToken);
    onPaired();
    return { kind: 'paired', ...given, approvedSilently };
  }

  async function pair(sharedToken: string): Promise<PairingStep> {
    const before = await alreadyPaired();
    if (before !== null) return before;
    const token = sharedToken.trim();
    if (token === '')
      throw errorOf({ kind: 'token-refused', detail: 'the shared token given is empty' }, url);
    const result = await connect({ kind: 'shared', token }, new AbortController().signal);
    if (!result.ok) return afterSharedToken(result.failure);
    await result.connection.close();
    return accepted(result.connection);
  }

  /** A device with the two scopes may not remove itself: the gateway wants `operator.pairing` for that. */
  async function unpair(): Promise<{ readonly deviceId: string | null }> {
    const deviceId = device.forget();
    await onForgotten();
    log.warn('gateway-unpaired', { deviceId });
    return { deviceId };
  }

  return { pair, unpair };
}
