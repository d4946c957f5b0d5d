import type { Decision, Denied, DenyReason, Operation } from './decision.ts';
import type { GrantOperation, InboundGrant } from './grant.ts';
import type { Credential, Facts, Usage } from './facts.ts';
import type { Invite } from './invite.ts';
import type { Peer, PeerState, TokenDigest } from './peer.ts';
import type { Policy } from './policy.ts';
import { agentIdOf } from './session-key.ts';

/** How far the clock may be behind itself before nothing is allowed: the steps of an ordinary time service. */
export const CLOCK_TOLERANCE_MS = 120_000;

/** Compares every character whatever differs, so that time tells nothing about how much of a digest was right. */
function sameDigest(a: TokenDigest, b: TokenDigest): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

function deny(reason: DenyReason, peer: Peer | null): Denied {
  return { allow: false, reason, peer };
}

/** Asked as "not before", so that an instant that is no number counts as expired. */
function isOver(expiresAt: number | null, at: number): boolean {
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

function standing(peer: Peer, at: number): DenyReason | null {
  if (peer.state !== 'active') return NOT_ACTIVE[peer.state];
  return isOver(peer.expiresAt, at) ? 'peer-expired' : null;
}

/** Whose token it is, from the node that it is bound to: a token counts only together with its node. */
function bearerAtNode({ presented, nodeId }: Credential, { peers }: Policy, at: number): Peer | Denied {
  if (presented === null) return deny('token-missing', null);
  const peer = bearerOf(presented, peers, at);
  if (peer === null) return deny('token-unknown', null);
  if (nodeId === null) return deny('node-unknown', peer);
  return nodeId === peer.nodeId ? peer : deny('node-mismatch', peer);
}

/** The peer that calls, or why it is none. */
function callerOf(credential: Credential, policy: Policy, at: number): Peer | Denied {
  const peer = bearerAtNode(credential, policy, at);
  if ('allow' in peer) return peer;
  const reason = standing(peer, at);
  return reason === null ? peer : deny(reason, peer);
}

function overLimit(grant: InboundGrant, usage: Usage, { limits }: Policy): DenyReason | null {
  if (!(usage.underGrant < (grant.sendsPerMinute ?? Infinity))) return 'sends-exceeded';
  if (!(usage.fromPeer < limits.sendsPerMinute)) return 'sends-exceeded';
  return usage.fromAll < limits.totalSendsPerMinute ? null : 'total-sends-exceeded';
}

function decideLiveness({ nodeId }: Credential): Decision {
  if (nodeId === null) return deny('node-unknown', null);
  return { allow: true, operation: 'liveness-read', peer: null };
}

function decideHealth(facts: Credential, policy: Policy, at: number): Decision {
  const peer = callerOf(facts, policy, at);
  return 'allow' in peer ? peer : { allow: true, operation: 'health-read', peer };
}

/** A session key says whose it is, so a caller who names another agent names another session: one it was not granted. */
function sendProblem(
  { agent, usage }: Facts<'message-send'>,
  grant: InboundGrant,
  policy: Policy,
): DenyReason | null {
  if (agent !== null && agent !== agentIdOf(grant.sessionKey)) return 'alias-not-granted';
  return usage === null ? null : overLimit(grant, usage, policy);
}

/** A pairing goes on while it is provisional, and when only one side has heard that it is complete. */
function decidePairing(facts: Credential, policy: Policy, at: number): Decision {
  const peer = bearerAtNode(facts, policy, at);
  if ('allow' in peer) return peer;
  const reason = peer.state === 'provisional' ? null : standing(peer, at);
  return reason === null ? { allow: true, operation: 'pairing-continue', peer } : deny(reason, peer);
}

function decideRotation(facts: Credential, policy: Policy, at: number): Decision {
  const peer = callerOf(facts, policy, at);
  return 'allow' in peer ? peer : { allow: true, operation: 'token-rotate', peer };
}

/** By node, and by the one-time secret. Who does not have the secret is told nothing about any invite. */
function decideClaim(
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
  return { allow: true, operation: 'invite-claim', peer: null, invite };
}

function decideUnderGrant(facts: Facts<GrantOperation>, policy: Policy, at: number): Decision {
  const peer = callerOf(facts, policy, at);
  if ('allow' in peer) return peer;
  const grant = facts.alias === null ? undefined : policy.inbound.get(peer.name)?.get(facts.alias);
  if (grant === undefined) return deny('alias-not-granted', peer);
  if (isOver(grant.expiresAt, at)) return deny('grant-expired', peer);
  if (!grant.operations.includes(facts.operation)) return deny('operation-not-granted', peer);
  const wrong = facts.operation === 'message-send' ? sendProblem(facts, grant, policy) : null;
  if (wrong !== null) return deny(wrong, peer);
  return { allow: true, operation: facts.operation, peer, grant };
}

/** By node alone: the card says no more than which aliases that peer has, and only its own node is told. */
function decideCard({ nodeId }: Credential, policy: Policy, at: number): Decision {
  if (nodeId === null) return deny('node-unknown', null);
  const peer = policy.peers.find((one) => one.nodeId === nodeId && standing(one, at) === null);
  if (peer === undefined) return deny('node-not-paired', null);
  const grants = [...(policy.inbound.get(peer.name)?.values() ?? [])];
  const live = grants.filter(
    ({ expiresAt, operations }) => !isOver(expiresAt, at) && operations.includes('message-send'),
  );
  return { allow: true, operation: 'card-read', peer, grants: live };
}

function decideSubmit({ peer: name, alias }: Facts<'message-submit'>, policy: Policy, at: number): Decision {
  const peer = policy.peers.find((one) => one.name === name);
  if (peer === undefined) return deny('peer-unknown', null);
  const reason = standing(peer, at);
  if (reason !== null) return deny(reason, peer);
  const own = policy.outbound.get(peer.name);
  const named = alias === null ? [] : [own?.get(alias), own?.get('any')];
  const grants = named.filter((grant) => grant !== undefined);
  const grant = grants.find(({ expiresAt }) => !isOver(expiresAt, at));
  if (grant === undefined) return deny(grants.length === 0 ? 'alias-not-granted' : 'grant-expired', peer);
  return { allow: true, operation: 'message-submit', peer, grant };
}

function decideAt(facts: Facts, policy: Policy, at: number): Decision {
  switch (facts.operation) {
    case 'liveness-read':
      return decideLiveness(facts);
    case 'health-read':
      return decideHealth(facts, policy, at);
    case 'card-read':
      return decideCard(facts, policy, at);
    case 'message-send':
    case 'task-read':
    case 'task-cancel':
      return decideUnderGrant(facts, policy, at);
    case 'invite-claim':
      return decideClaim(facts, policy, at);
    case 'pairing-continue':
      return decidePairing(facts, policy, at);
    case 'token-rotate':
      return decideRotation(facts, policy, at);
    case 'message-submit':
      return decideSubmit(facts, policy, at);
  }
}

/**
 * The one judge of what a peer, or this machine's agents, may do. Total: every input has an answer, and the answer is
 * no unless a grant says otherwise. A clock that went back stops everything: it would bring back what has expired.
 */
export function decide<O extends Operation>(facts: Facts<O>, policy: Policy, now: number): Decision<O> {
  if (!(now + CLOCK_TOLERANCE_MS >= policy.asOf)) return deny('clock-behind', null);
  // Each branch answers for the operation that it was asked about; the compiler cannot follow that through the switch.
  return decideAt(facts as Facts, policy, Math.max(now, policy.asOf)) as Decision<O>;
}
