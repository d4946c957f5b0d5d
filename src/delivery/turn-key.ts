import { createHmac } from 'node:crypto';
import type { MessageId } from '../core/message.ts';
import type { PeerName } from '../core/peer.ts';
import type { CredentialStore } from '../ports/credentials.ts';
import type { Random } from '../ports/machine.ts';

const SECRET = 'stack-secret';
const SECRET_LENGTH = 64;

function readOrMakeSecret(credentials: CredentialStore, random: Random): string {
  const stored = credentials.read(SECRET);
  if (stored !== null) return stored;
  const made = random.word(SECRET_LENGTH);
  credentials.write(SECRET, made);
  return made;
}

/**
 * The gateway's idempotency key for a peer's message: 64 hex digits, always the same for the same message of the same
 * peer. The gateway keeps one space of keys for all its clients and answers a known key with the other run's reply,
 * so a key must be one that no peer can guess or choose.
 */
export function createTurnKey(
  credentials: CredentialStore,
  random: Random,
): (peer: PeerName, messageId: MessageId) => string {
  let secret: string | null = null;
  return (peer, messageId) => {
    secret ??= readOrMakeSecret(credentials, random);
    return createHmac('sha256', secret)
      .update(JSON.stringify([peer, messageId]))
      .digest('hex');
  };
}
