import { GatewayClient, type GatewayClientOptions } from '@openclaw/gateway-client';
import { connectFailureOf, type ConnectFailure } from './connect-failure.ts';
import { publicKeyRaw, signPayload, type DeviceIdentity } from './device.ts';
import { objectOf, textOf, textsOf } from './json.ts';
import { requestErrorOf } from './request-errors.ts';

/** What the gateway says of itself and of us when it accepts a connection. */
export interface Hello {
  readonly version: string;
  readonly methods: readonly string[];
  /** What this connection may do, whatever was asked for. */
  readonly scopes: readonly string[];
  /** Given to an approved device, so that it can connect without the shared token. */
  readonly deviceToken: string | null;
}

export interface RequestOptions {
  /** Milliseconds; null for a request that only its owner ends. */
  readonly timeoutMs: number | null;
  /** Waits for the answer after `accepted`. */
  readonly expectFinal?: boolean;
  readonly onSent?: () => void;
  readonly onAccepted?: () => void;
}

/** One authenticated connection. It is never mended: when it is lost, another one is made. */
export interface Connection {
  readonly hello: Hello;
  /** Rejects with GatewayAnswerError or NoAnswerError. */
  request(method: string, params: object, options: RequestOptions): Promise<unknown>;
  readonly lost: Promise<unknown>;
  close(): Promise<void>;
}

export type ConnectResult =
  | { readonly ok: true; readonly connection: Connection }
  | { readonly ok: false; readonly failure: ConnectFailure };

export type Credential =
  { readonly kind: 'shared'; readonly token: string } | { readonly kind: 'device'; readonly token: string };

export interface ConnectorDeps {
  readonly url: string;
  /** Asked for at each connection: an owner can have it forgotten. */
  readonly identity: () => DeviceIdentity;
  /** Shown to the owner when the device is approved, with the beginning of its id. */
  readonly displayName: string;
  readonly version: string;
}

export type Connect = (credential: Credential, signal: AbortSignal) => Promise<ConnectResult>;

export const SCOPES = ['operator.read', 'operator.write'] as const;

/** A gateway may retire a device that it approved by itself when another one comes with the same name. */
function deviceName(displayName: string, { deviceId }: DeviceIdentity): string {
  return `${displayName} (${deviceId.slice(0, 6)})`;
}

/**
 * `platform` is a constant because a gateway asks for a new approval when it changes, and a volume may move to another
 * machine. `env` is empty because the client reads variables that loosen its rules. Mode `cli`, as `backend` is given
 * no device token. The cap keeps other sessions' text from being sent to us.
 */
function optionsFor(deps: ConnectorDeps, credential: Credential): GatewayClientOptions {
  const identity = deps.identity();
  return {
    url: deps.url,
    ...(credential.kind === 'shared' ? { token: credential.token } : { deviceToken: credential.token }),
    minProtocol: 4,
    maxProtocol: 4,
    clientName: 'gateway-client',
    clientDisplayName: deviceName(deps.displayName, identity),
    clientVersion: deps.version,
    platform: 'linux',
    mode: 'cli',
    role: 'operator',
    scopes: [...SCOPES],
    caps: ['session-scoped-events'],
    env: {},
    deviceIdentity: identity,
    hostDeps: { signDevicePayload: signPayload, publicKeyRawBase64UrlFromPem: publicKeyRaw },
    notifyOnStartupRetry: true,
  };
}

function helloOf(raw: unknown): Hello {
  const { server, features, auth } = objectOf(raw);
  return {
    version: textOf(objectOf(server)['version']) ?? 'unknown',
    methods: textsOf(objectOf(features)['methods']),
    scopes: textsOf(objectOf(auth)['scopes']),
    deviceToken: textOf(objectOf(auth)['deviceToken']),
  };
}

/** Makes single connections: the client's own endless reconnecting is stopped at the first failure. */
export function createConnector(deps: ConnectorDeps): Connect {
  return async (credential, signal) => {
    const opened = Promise.withResolvers<ConnectResult>();
    const lost = Promise.withResolvers<undefined>();
    const fail = (error: unknown): void => opened.resolve({ ok: false, failure: connectFailureOf(error) });
    const client = new GatewayClient({
      ...optionsFor(deps, credential),
      onHelloOk: (hello) =>
        opened.resolve({ ok: true, connection: connectionOver(client, helloOf(hello), lost.promise) }),
      onConnectError: fail,
      onClose: (_code, _reason, info) => {
        client.stop();
        fail(info?.connectError);
        lost.resolve(undefined);
      },
    });
    const abort = (): void => fail(undefined);
    signal.addEventListener('abort', abort, { once: true });
    client.start();
    if (signal.aborted) abort();
    const result = await opened.promise;
    signal.removeEventListener('abort', abort);
    if (!result.ok) client.stop();
    return result;
  };
}

function connectionOver(client: GatewayClient, hello: Hello, lost: Promise<unknown>): Connection {
  return {
    hello,
    request: async (method, params, options) => {
      try {
        return await client.request<unknown>(method, params, options);
      } catch (error) {
        throw requestErrorOf(error);
      }
    },
    lost,
    close: async () => {
      client.stop();
      await lost;
    },
  };
}
