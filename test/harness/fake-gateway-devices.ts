import { createHash, createPublicKey, randomBytes, randomUUID, verify } from 'node:crypto';
import { buildDeviceAuthPayloadV3 } from '@openclaw/gateway-client';

/** What a client sends in its `connect` request, as far as the fake reads it. */
export interface ConnectParams {
  readonly minProtocol: number;
  readonly maxProtocol: number;
  readonly client: { readonly id: string; readonly mode: string; readonly platform: string };
  readonly role: string;
  readonly scopes: readonly string[];
  readonly auth?: { readonly token?: string; readonly deviceToken?: string };
  readonly device?: {
    readonly id: string;
    readonly publicKey: string;
    readonly signature: string;
    readonly signedAt: number;
    readonly nonce: string;
  };
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export type Admission =
  | { readonly ok: true; readonly deviceToken: string; readonly method: string }
  | { readonly ok: false; readonly refusal: Refusal };

export interface FakeDevices {
  readonly admit: (params: ConnectParams, nonce: string) => Admission;
  readonly approve: (requestId: string) => void;
  readonly remove: (deviceId: string) => void;
  readonly forgetAll: () => void;
}

const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

function refused(detail: string, message: string, more: object = {}, code = 'INVALID_REQUEST'): Admission {
  return { ok: false, refusal: { code, message, details: { code: detail, ...more } } };
}

/** The real check: the key belongs to the id, and signed this challenge together with what it asks for. */
function isSigned(params: ConnectParams, nonce: string): boolean {
  const { device, client, role, scopes, auth } = params;
  if (device === undefined || device.nonce !== nonce) return false;
  const raw = Buffer.from(device.publicKey, 'base64url');
  if (createHash('sha256').update(raw).digest('hex') !== device.id) return false;
  const payload = buildDeviceAuthPayloadV3({
    deviceId: device.id,
    clientId: client.id,
    clientMode: client.mode,
    role,
    scopes: [...scopes],
    signedAtMs: device.signedAt,
    token: auth?.token ?? null,
    nonce,
    platform: client.platform,
  });
  const key = createPublicKey({ key: Buffer.concat([SPKI_ED25519, raw]), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(payload), key, Buffer.from(device.signature, 'base64url'));
}

export function createFakeDevices(sharedToken: string, autoApprove: boolean): FakeDevices {
  const tokens = new Map<string, string>();
  const approved = new Set<string>();
  const requests = new Map<string, string>();

  function pairingRequired(deviceId: string): Admission {
    const known = [...requests].find(([, device]) => device === deviceId)?.[0];
    const requestId = known ?? randomUUID();
    requests.set(requestId, deviceId);
    const more = { reason: 'not-paired', requestId, deviceId };
    return refused(
      'PAIRING_REQUIRED',
      `device pairing required (requestId: ${requestId})`,
      more,
      'NOT_PAIRED',
    );
  }

  function tokenOf(deviceId: string): string {
    const token = tokens.get(deviceId) ?? randomBytes(32).toString('base64url');
    tokens.set(deviceId, token);
    return token;
  }

  function admit(params: ConnectParams, nonce: string): Admission {
    const { auth, device } = params;
    if (device === undefined) return refused('DEVICE_IDENTITY_REQUIRED', 'device identity required');
    if (!isSigned(params, nonce)) return refused('DEVICE_AUTH_SIGNATURE_INVALID', 'device signature invalid');
    if (auth?.token === undefined)
      return refused('AUTH_TOKEN_MISSING', 'unauthorized: gateway token missing');
    const own = tokens.get(device.id);
    if (own !== undefined && auth.token === own)
      return { ok: true, deviceToken: own, method: 'device-token' };
    if (auth.deviceToken !== undefined) {
      return refused('AUTH_DEVICE_TOKEN_MISMATCH', `unauthorized: device token mismatch ${auth.token}`);
    }
    if (auth.token !== sharedToken) {
      return refused('AUTH_TOKEN_MISMATCH', `unauthorized: gateway token mismatch ${auth.token}`);
    }
    if (!approved.has(device.id) && !autoApprove) return pairingRequired(device.id);
    return { ok: true, deviceToken: tokenOf(device.id), method: 'token' };
  }

  return {
    admit,
    approve: (requestId) => {
      const deviceId = requests.get(requestId);
      if (deviceId === undefined) throw new Error(`no pairing request ${requestId}`);
      requests.delete(requestId);
      approved.add(deviceId);
    },
    remove: (deviceId) => {
      tokens.delete(deviceId);
      approved.delete(deviceId);
    },
    forgetAll: () => {
      tokens.clear();
      approved.clear();
      requests.clear();
    },
  };
}
