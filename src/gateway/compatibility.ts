import { SCOPES, type Hello } from './connection.ts';

const METHODS = ['agent', 'agent.wait', 'chat.history', 'chat.message.get', 'chat.abort'] as const;

/** Releases 2026.8.x and 2026.9.x are the ones that the parity tests were run against. */
export function isTestedVersion(version: string): boolean {
  return /^2026\.[89]\.\d/.test(version);
}

/** Why this gateway cannot be served with, or null. An untested version alone is no reason. */
export function incompatibilityOf(hello: Hello): string | null {
  const methods = METHODS.filter((method) => !hello.methods.includes(method));
  if (methods.length > 0) return `gateway ${hello.version} has no ${methods.join(', ')}`;
  const scopes = SCOPES.filter((scope) => !hello.scopes.includes(scope));
  if (scopes.length > 0) return `the gateway gave this device no ${scopes.join(', ')}`;
  return null;
}

/** Scopes beyond the two that were asked for: a stolen device token could do more than read and write sessions. */
export function excessScopes(hello: Hello): readonly string[] {
  const asked: readonly string[] = SCOPES;
  return hello.scopes.filter((scope) => !asked.includes(scope));
}
