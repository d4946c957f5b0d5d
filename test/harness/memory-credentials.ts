import type { CredentialStore } from '../../src/ports/credentials.ts';

export interface MemoryCredentials extends CredentialStore {
  /** Everything that is kept, as text. */
  text(): string;
}

export function createMemoryCredentials(): MemoryCredentials {
  const kept = new Map<string, string>();
  return {
    read: (name) => kept.get(name) ?? null,
    write: (name, value) => void kept.set(name, value),
    remove: (name) => void kept.delete(name),
    text: () => JSON.stringify([...kept]),
  };
}
