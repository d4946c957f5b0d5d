import { bearerAtNode, callerOf, deny, isOver, sameDigest, standing } from './caller.ts';
import type { Decision } from './decision.ts';
import type { Credential, Facts } from './facts.ts';
import type { Invite } from './invite.ts';
import type { Policy } from './policy.ts';

/**
 * A pairing goes on while it is provisional, and when only one side has heard that it is complete; in a paused stack too,
 * since nothing but what both owners agreed to comes of it.
 */
export function decidePairing(facts: Credential, policy: Policy, at: number): Decision {
  const peer = bearerAtNode(facts, policy, at);
  if ('allow' in peer) return peer;
  const reason = peer.state === 'provisional' ? null : standing(peer, at);
  return reason === null ? { allow: true, operation: 'pairing-continue', peer } : deny(reason, peer);
}

export function decideRotation(facts: Credential, policy: Policy, at: number): Decision {
  const peer = callerOf(facts, policy, at);
  return 'allow' in peer ? peer : { allow: true, operation: 'token-rotate', peer };
}

/** By node, and by the one-time secret. Who does not have the secret is told nothing about any invite. */
export function decideClaim(
  { nodeId, secret, invites }: Facts<'invite-claim'>,
  policy: Policy,
  at: number,
): Decision {
  if (nodeId === null) return deny('node-unknown', null);
  let invite: Invite | null = null;
  for (const one of invites) if (sameDigest(secret, one.secretDigest)) invite = one;
  if (invite === null) return deny('invite-unknown', null);
  if (invite.nodeId !== null && invite.nodeId !== nodeId) return deny('invite-other-node', null);
  if (invite.claimedBy !== null && invite.claimedBy !== nodeId) return deny('invite-used', null);
  if (isOver(invite.expiresAt, at)) return deny('invite-expired', null);
  const known = policy.peers.find((one) => one.nodeId === nodeId && one.state !== 'revoked');
  if (known !== undefined && !(known.name === invite.peer && known.state === 'provisional'))
    return deny(known.name === invite.peer ? 'invite-used' : 'node-paired', known);
  if (policy.isPaused) return deny('stack-paused', known ?? null);
  return { allow: true, operation: 'invite-claim', peer: null, invite };
}
