import type { Log } from '../log.ts';
import type { CredentialStore } from '../ports/credentials.ts';
import type { Gateway, GatewayPairing, GatewaySessions } from '../ports/gateway.ts';
import type { Clock } from '../ports/machine.ts';
import { createAbortTurn } from './abort-turn.ts';
import { createConnector } from './connection.ts';
import { createDevice } from './device.ts';
import { createFindTurn } from './find-turn.ts';
import { createLink } from './link.ts';
import { createPairing } from './pairing.ts';
import { createRunTurn, type OnTurn } from './run-turn.ts';
import { createSessions } from './sessions.ts';
import { parseGatewayUrl } from './url.ts';

/** Milliseconds. */
export interface GatewayLimits {
  /** How long a look waits for a connection. */
  readonly lookWaitMs: number;
  /** Between the two looks that it takes to believe in what is not seen. */
  readonly lookAgainMs: number;
}

export interface GatewayDeps {
  /** `ws://` to this machine, or `wss://`. */
  readonly url: string;
  readonly credentials: CredentialStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Shown to the owner when the device is approved; a part of the device's id is added. */
  readonly displayName: string;
  /** Of this program. */
  readonly version: string;
  readonly limits?: Partial<GatewayLimits>;
  /** Told how far the request for a turn has come. */
  readonly onTurn?: OnTurn;
}

export interface StartableGateway extends Gateway, GatewayPairing, GatewaySessions {
  start(): void;
  close(): Promise<void>;
}

/** Far more than a connection takes to close. */
const CLOSE_MS = 5_000;
const LIMITS: GatewayLimits = { lookWaitMs: 10_000, lookAgainMs: 1_500 };

/** The local gateway, as a paired device with the scopes to read and write. Throws AgentPeerError `config-invalid`. */
export function createGateway(deps: GatewayDeps): StartableGateway {
  const { credentials, clock, log, displayName, version, limits = {} } = deps;
  const url = parseGatewayUrl(deps.url);
  const device = createDevice(credentials);
  const connect = createConnector({ url, identity: device.identity, displayName, version });
  const link = createLink({ connect, device, log });
  const onPaired = (): void => {
    if (link.state().kind !== 'ready') link.restart();
  };
  const onForgotten = (): Promise<void> => {
    link.restart();
    return link.whenUnpaired(AbortSignal.timeout(CLOSE_MS));
  };
  const runTurn = createRunTurn(link, deps.onTurn);
  const findTurn = createFindTurn({ link, ...LIMITS, ...limits });
  return {
    state: link.state,
    whenReady: link.whenReady,
    start: link.start,
    close: link.close,
    ...createPairing({ url, connect, device, log, onPaired, onForgotten }),
    ...createSessions(link),
    findTurn,
    abortTurn: createAbortTurn(link),
    runTurn: async (turn, signal) => {
      const began = clock.now();
      const outcome = await runTurn(turn, signal);
      const detail = 'detail' in outcome ? outcome.detail : null;
      log.info('gateway-turn', { outcome: outcome.kind, detail, ms: clock.now() - began });
      return outcome;
    },
  };
}
