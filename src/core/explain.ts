import type { Decision, DenyReason } from './decision.ts';

const WHY: Record<DenyReason, (peer: string) => string> = {
  'token-missing': () => 'no bearer token was presented',
  'token-unknown': () => 'the token belongs to no peer',
  'node-unknown': (peer) => `the token is ${peer}'s, but tailscaled does not know the node it came from`,
  'node-mismatch': (peer) =>
    `the token is ${peer}'s, but it came from another node than the one it is bound to`,
  'peer-revoked': (peer) => `${peer} was revoked`,
  'alias-not-granted': (peer) => `${peer} has no grant for this alias`,
};

/** One sentence for the owner. Never for the wire: it tells an outsider which part of a credential was right. */
export function explain(decision: Decision): string {
  if (!decision.allow) return `Refused: ${WHY[decision.reason](decision.peer?.name ?? 'a peer')}.`;
  if (decision.operation !== 'message-send')
    return `Allowed: ${decision.peer.name} may ${decision.operation}.`;
  const { alias, sessionKey } = decision.grant;
  return `Allowed: ${decision.peer.name} may write to "${alias}", which is ${sessionKey}.`;
}
