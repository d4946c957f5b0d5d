import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { storageUnavailable } from './storage-errors.ts';

const CIPHER = 'aes-256-gcm';
const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/** Secrets at rest. What was sealed for one purpose opens for no other: a row cannot be moved under another name. */
export interface Sealer {
  seal(purpose: string, secret: string): Uint8Array;
  /** Throws AgentPeerError `storage-unavailable` when it was changed or sealed with another key. */
  open(purpose: string, sealed: Uint8Array): string;
}

function seal(key: Buffer, purpose: string, secret: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(
    Buffer.from(purpose),
  );
  const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(FORMAT), nonce, cipher.getAuthTag(), body]);
}

function open(key: Buffer, purpose: string, sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed);
  if (bytes[0] !== FORMAT || bytes.length < HEADER_BYTES) throw new Error('not a sealed value');
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(1 + NONCE_BYTES, HEADER_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(HEADER_BYTES)), decipher.final()]).toString('utf8');
}

/**
 * AES-256-GCM with a fresh nonce each time; `version 1 byte | nonce 12 | tag 16 | ciphertext`, the purpose as
 * associated data.
 * @param keyFile only named in errors.
 */
export function createSealer(key: Buffer, keyFile: string): Sealer {
  return {
    seal: (purpose, secret) => seal(key, purpose, secret),
    open: (purpose, sealed) => {
      try {
        return open(key, purpose, sealed);
      } catch (error) {
        const what = `${purpose} in the database was not sealed with key file ${keyFile}, or was changed`;
        throw storageUnavailable(what, 'Put back the key file that belongs to this data volume', error);
      }
    },
  };
}

/** What a sealed value is for; it names the row that the value belongs to. */
export const purposeOf = {
  peerToken: (peer: string) => `token for peer ${peer}`,
  /** What the peer is to present, while it may not have heard it yet. */
  untoldToken: (peer: string) => `token of peer ${peer}`,
  inviteSecret: (peer: string) => `invite of peer ${peer}`,
  credential: (name: string) => `credential ${name}`,
} as const;
