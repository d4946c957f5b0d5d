import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../core/backoff.ts';
import type { Log } from '../log.ts';
import type { GatewayState } from '../ports/gateway.ts';
import { excessScopes, incompatibilityOf, isTestedVersion } from './compatibility.ts';
import type { ConnectFailure } from './connect-failure.ts';
import type { Connect, Connection, Hello } from './connection.ts';
import type { Device } from './device.ts';
import { createLinkState, type LinkState } from './link-state.ts';

/** The long-lived connection: made with the device token alone, and made again whenever it is lost. */
export interface GatewayLink {
  readonly state: LinkState['now'];
  readonly whenReady: (signal: AbortSignal) => Promise<void>;
  readonly whenUnpaired: (signal: AbortSignal) => Promise<void>;
  /** Null while there is none that can be used. */
  readonly connection: () => Connection | null;
  readonly start: () => void;
  /** Begins anew, with the device token as it is now. */
  readonly restart: () => void;
  readonly close: () => Promise<void>;
}

interface LinkDeps {
  readonly connect: Connect;
  readonly device: Device;
  readonly log: Log;
}

/** A restarting gateway is back within seconds; a refusal needs a person. */
const LONGEST_PAUSE_MS = 3_000;
const REFUSED_PAUSE_MS = 15_000;
const PAIR_AGAIN = 'run `agent-peer gateway pair` again';

function stateAfter(failure: ConnectFailure): GatewayState {
  switch (failure.kind) {
    case 'unreachable':
      return { kind: 'connecting', detail: failure.detail };
    case 'token-refused':
      return {
        kind: 'refused',
        detail: `${failure.detail}: the device was revoked or removed; ${PAIR_AGAIN}`,
      };
    case 'approval-needed':
      return { kind: 'refused', detail: `${failure.detail} anew; ${PAIR_AGAIN}` };
    case 'incompatible':
      return { kind: 'refused', detail: failure.detail };
  }
}

function warnOf(hello: Hello, log: Log): void {
  const excess = excessScopes(hello);
  if (!isTestedVersion(hello.version)) log.warn('gateway-version-untested', { version: hello.version });
  if (excess.length > 0) log.warn('gateway-scopes-wide', { excess });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

async function pauseFor(ms: number | null, signal: AbortSignal): Promise<void> {
  if (ms === null) return aborted(signal);
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // A restart or the end: the pause is over before its time.
  }
}

export function createLink({ connect, device, log }: LinkDeps): GatewayLink {
  const state = createLinkState(log);
  let current: Connection | null = null;
  let round = new AbortController();
  let failures = 0;
  let stopped = false;
  let running: Promise<void> | null = null;

  async function serve(connection: Connection, signal: AbortSignal): Promise<number> {
    const { version, scopes } = connection.hello;
    warnOf(connection.hello, log);
    failures = 0;
    current = connection;
    state.enter({ kind: 'ready', version, scopes });
    await Promise.race([connection.lost, aborted(signal)]);
    current = null;
    state.enter({ kind: 'connecting', detail: 'the connection was lost' });
    await connection.close();
    return backoffMs(0, 0);
  }

  function failed(failure: ConnectFailure): number {
    state.enter(stateAfter(failure));
    failures += 1;
    return failure.kind === 'unreachable'
      ? Math.min(LONGEST_PAUSE_MS, backoffMs(failures, 0))
      : REFUSED_PAUSE_MS;
  }

  /** One life of a connection. Answers how long to pause before the next; null means until `restart`. */
  async function live(signal: AbortSignal): Promise<number | null> {
    const token = device.token();
    if (token === null) {
      state.enter({ kind: 'unpaired' });
      return null;
    }
    const result = await connect({ kind: 'device', token }, signal);
    if (signal.aborted && !result.ok) return 0;
    if (!result.ok) return failed(result.failure);
    const detail = incompatibilityOf(result.connection.hello);
    if (detail === null) return serve(result.connection, signal);
    await result.connection.close();
    return failed({ kind: 'incompatible', detail });
  }

  async function run(): Promise<void> {
    while (!stopped) {
      round = new AbortController();
      const { signal } = round;
      await pauseFor(await live(signal), signal);
    }
  }

  return {
    state: state.now,
    whenReady: (signal) => state.when('ready', signal),
    whenUnpaired: (signal) => state.when('unpaired', signal),
    connection: () => current,
    start: () => {
      running ??= run();
    },
    restart: () => round.abort(),
    close: async () => {
      stopped = true;
      round.abort();
      await running;
    },
  };
}
