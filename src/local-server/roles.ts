import { createHash, timingSafeEqual } from 'node:crypto';

/** Who is asking: the owner may do everything, an agent may send and read what came of it. */
export const ROLES = ['owner', 'agent'] as const;
export type Role = (typeof ROLES)[number];

const digest = (token: string) => createHash('sha256').update(token).digest();

/**
 * Tells the role from an Authorization header; null when the token is missing or nobody's. Digests are compared, all
 * of them each time and in constant time, so that time tells nothing about how much of a token was right. Where an agent
 * needs none, no header at all makes the caller an agent; a wrong token never does.
 */
export function createAuthenticator(
  tokens: Readonly<Record<Role, string>>,
  agentNeedsToken: boolean,
): (header: string | undefined) => Role | null {
  const known = ROLES.map((role) => ({ role, digest: digest(tokens[role]) }));
  return (header) => {
    if (header === undefined && !agentNeedsToken) return 'agent';
    const presented = digest(/^Bearer ([!-~]{1,1024})$/i.exec(header ?? '')?.[1] ?? '');
    let found: Role | null = null;
    for (const { role, digest: own } of known) if (timingSafeEqual(own, presented)) found = role;
    return found;
  };
}
