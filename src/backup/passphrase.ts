import { AgentPeerError } from '../errors.ts';

const SHORTEST = 12;

/** Whoever has the file can try passphrases on it for as long as they like. */
export function checkPassphrase(passphrase: string): void {
  const { length } = passphrase;
  if (length >= SHORTEST) return;
  throw new AgentPeerError(
    'input-invalid',
    `the passphrase has ${length} characters and needs ${SHORTEST}`,
    'Use for example five random words',
  );
}
