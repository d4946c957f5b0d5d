import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto';
import type { CredentialStore } from '../ports/credentials.ts';

const KEY = 'gateway-device-key';
const TOKEN = 'gateway-device-token';
const ASKED = 'gateway-device-asked';

export interface DeviceIdentity {
  /** SHA-256 of the raw public key, in hex: how the gateway names the device. */
  readonly deviceId: string;
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
}

/** This stack as a device of the gateway: one key, until it is forgotten, and the token that the gateway gave it. */
export interface Device {
  /** Makes the key when there is none. */
  readonly identity: () => DeviceIdentity;
  token(): string | null;
  /** Ends the asking: a token is only given once the device is approved. */
  storeToken(token: string): void;
  /** True when a person was asked to approve this device and no token was given since. */
  askedForApproval(): boolean;
  noteAsked(requestId: string): void;
  /** Key and token. Answers the id that the device had; null when there was none. */
  forget(): string | null;
}

/** The last 32 bytes of an Ed25519 public key in SPKI form are the key itself. */
function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(-32);
}

export function publicKeyRaw(publicKeyPem: string): string {
  return rawPublicKey(createPublicKey(publicKeyPem)).toString('base64url');
}

export function signPayload(privateKeyPem: string, payload: string): string {
  return sign(null, Buffer.from(payload, 'utf8'), privateKeyPem).toString('base64url');
}

function identityOf(privateKeyPem: string): DeviceIdentity {
  const publicKey = createPublicKey(createPrivateKey(privateKeyPem));
  return {
    deviceId: createHash('sha256').update(rawPublicKey(publicKey)).digest('hex'),
    privateKeyPem,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

function readOrMakeKey(credentials: CredentialStore): string {
  const stored = credentials.read(KEY);
  if (stored !== null) return stored;
  const made = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  credentials.write(KEY, made);
  return made;
}

export function createDevice(credentials: CredentialStore): Device {
  return {
    identity: () => identityOf(readOrMakeKey(credentials)),
    token: () => credentials.read(TOKEN),
    storeToken: (token) => {
      credentials.write(TOKEN, token);
      credentials.remove(ASKED);
    },
    askedForApproval: () => credentials.read(ASKED) !== null,
    noteAsked: (requestId) => credentials.write(ASKED, requestId),
    forget: () => {
      const key = credentials.read(KEY);
      for (const name of [TOKEN, ASKED, KEY]) credentials.remove(name);
      return key === null ? null : identityOf(key).deviceId;
    },
  };
}
