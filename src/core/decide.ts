import type { Alias } from './alias.ts';
import type { Decision, DenyReason, Operation } from './decision.ts';
import type { NodeId, Peer, TokenDigest } from './peer.ts';
import type { Policy } from './policy.ts';

/** What is known for certain about one request, before anything is decided. */
export interface Facts {
  readonly operation: Operation;
  /** Digest of the bearer token presented; null when there was none. */
  readonly presented: TokenDigest | null;
  /** Tailnet node that whois gave for the connection; null when whois does not know it. */
  readonly nodeId: NodeId | null;
  /** Alias addressed, for `message-send`; null when it is not even an alias. */
  readonly alias: Alias | null;
}

/** Compares every character whatever differs, so that time tells nothing about how much of a digest was right. */
function sameDigest(a: TokenDigest, b: TokenDigest): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/** Looks at every peer even after a match: the position of a peer in the list shows in no timing. */
function bearerOf(presented: TokenDigest, peers: readonly Peer[]): Peer | null {
  let bearer: Peer | null = null;
  for (const peer of peers) if (sameDigest(presented, peer.tokenDigest)) bearer = peer;
  return bearer;
}

function deny(reason: DenyReason, peer: Peer | null): Decision {
  return { allow: false, reason, peer };
}

function decideFor(peer: Peer, facts: Facts, policy: Policy): Decision {
  if (facts.operation !== 'message-send') return { allow: true, operation: facts.operation, peer };
  const grant = facts.alias === null ? undefined : policy.grants.get(peer.name)?.get(facts.alias);
  if (grant === undefined) return deny('alias-not-granted', peer);
  return { allow: true, operation: 'message-send', peer, grant };
}

/**
 * The one judge of what a peer may do. Total: every input has an answer, and the answer is no unless a grant says
 * otherwise. A token counts only together with the node it was bound to, so a stolen token alone opens nothing.
 */
export function decide(facts: Facts, policy: Policy): Decision {
  if (facts.presented === null) return deny('token-missing', null);
  const peer = bearerOf(facts.presented, policy.peers);
  if (peer === null) return deny('token-unknown', null);
  if (facts.nodeId === null) return deny('node-unknown', peer);
  if (facts.nodeId !== peer.nodeId) return deny('node-mismatch', peer);
  if (peer.state === 'revoked') return deny('peer-revoked', peer);
  return decideFor(peer, facts, policy);
}
