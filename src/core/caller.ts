import type { Denied, DenyReason } from './decision.ts';
import type { Credential } from './facts.ts';
import type { Peer, PeerState, TokenDigest } from './peer.ts';
import type { Policy } from './policy.ts';

/** Compares every character whatever differs, so that time tells nothing about how much of a digest was right. */
export function sameDigest(a: TokenDigest, b: TokenDigest): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

export function deny(reason: DenyReason, peer: Peer | null): Denied {
  return { allow: false, reason, peer };
}

/** Asked as "not before", so that an instant that is no number counts as expired. */
export function isOver(expiresAt: number | null, at: number): boolean {
  return expiresAt !== null && !(at < expiresAt);
}

/** The digests by which this peer is known now. */
function digestsOf({ tokenDigest, overlap }: Peer, at: number): readonly TokenDigest[] {
  return overlap === null || isOver(overlap.until, at) ? [tokenDigest] : [tokenDigest, overlap.digest];
}

/** Looks at every digest even after a match: the position of a peer in the list shows in no timing. */
function bearerOf(presented: TokenDigest, peers: readonly Peer[], at: number): Peer | null {
  let bearer: Peer | null = null;
  for (const peer of peers)
    for (const digest of digestsOf(peer, at)) if (sameDigest(presented, digest)) bearer = peer;
  return bearer;
}

const NOT_ACTIVE: Readonly<Record<Exclude<PeerState, 'active'>, DenyReason>> = {
  provisional: 'peer-provisional',
  paused: 'peer-paused',
  revoked: 'peer-revoked',
};

export function standing(peer: Peer, at: number): DenyReason | null {
  if (peer.state !== 'active') return NOT_ACTIVE[peer.state];
  return isOver(peer.expiresAt, at) ? 'peer-expired' : null;
}

/** Why this peer may do nothing now. Its own standing comes first: a pause that ends does not change that. */
export function idleReason(peer: Peer, { isPaused }: Policy, at: number): DenyReason | null {
  return standing(peer, at) ?? (isPaused ? 'stack-paused' : null);
}

/** Whose token it is, from the node that it is bound to: a token counts only together with its node. */
export function bearerAtNode(
  { presented, nodeId }: Credential,
  { peers }: Policy,
  at: number,
): Peer | Denied {
  if (presented === null) return deny('token-missing', null);
  const peer = bearerOf(presented, peers, at);
  if (peer === null) return deny('token-unknown', null);
  if (nodeId === null) return deny('node-unknown', peer);
  return nodeId === peer.nodeId ? peer : deny('node-mismatch', peer);
}

/** The peer that calls, or why it is none. */
export function callerOf(credential: Credential, policy: Policy, at: number): Peer | Denied {
  const peer = bearerAtNode(credential, policy, at);
  if ('allow' in peer) return peer;
  const reason = idleReason(peer, policy, at);
  return reason === null ? peer : deny(reason, peer);
}
