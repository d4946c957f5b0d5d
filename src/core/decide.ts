import { DEFAULT_ALIAS } from './alias.ts';
import { callerOf, deny, idleReason, isOver, standing } from './caller.ts';
import { decideClaim, decidePairing, decideRotation } from './decide-pairing.ts';
import type { Decision, DenyReason, Operation } from './decision.ts';
import type { GrantOperation, InboundGrant } from './grant.ts';
import type { Credential, Facts, Usage } from './facts.ts';
import { guard } from './guard.ts';
import { covers, keepsSecrets, messageHold, type HoldReason } from './hold.ts';
import type { PeerName } from './peer.ts';
import type { Policy } from './policy.ts';
import { agentIdOf } from './session-key.ts';

/** How far the clock may be behind itself before nothing is allowed: the steps of an ordinary time service. */
export const CLOCK_TOLERANCE_MS = 120_000;

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

function decideUnderGrant(facts: Facts<GrantOperation>, policy: Policy, at: number): Decision {
  const peer = callerOf(facts, policy, at);
  if ('allow' in peer) return peer;
  const grant = facts.alias === null ? undefined : policy.inbound.get(peer.name)?.get(facts.alias);
  if (grant === undefined) return deny('alias-not-granted', peer);
  if (isOver(grant.expiresAt, at)) return deny('grant-expired', peer);
  if (!grant.operations.includes(facts.operation)) return deny('operation-not-granted', peer);
  if (facts.operation !== 'message-send') return { allow: true, operation: facts.operation, peer, grant };
  const wrong = sendProblem(facts, grant, policy);
  if (wrong !== null) return deny(wrong, peer);
  return { allow: true, operation: facts.operation, peer, grant, hold: holdOf(facts, grant, policy) };
}

/** What was accepted before is held already, or was let go. */
function holdOf({ load }: Facts<'message-send'>, grant: InboundGrant, { limits }: Policy): HoldReason | null {
  if (load === null) return null;
  return covers(grant.hold, 'inbound') ? 'grant' : guard(load, limits.budgets);
}

/** By node alone: the card says no more than which aliases that peer has, and only its own node is told. */
function decideCard({ nodeId }: Credential, policy: Policy, at: number): Decision {
  if (nodeId === null) return deny('node-unknown', null);
  const peer = policy.peers.find((one) => one.nodeId === nodeId && standing(one, at) === null);
  if (peer === undefined) return deny('node-not-paired', null);
  if (policy.isPaused) return deny('stack-paused', peer);
  const grants = [...(policy.inbound.get(peer.name)?.values() ?? [])];
  const live = grants.filter(
    ({ expiresAt, operations }) => !isOver(expiresAt, at) && operations.includes('message-send'),
  );
  return { allow: true, operation: 'card-read', peer, grants: live };
}

function keepsSecretsFrom({ inbound, outbound }: Policy, peer: PeerName): boolean {
  const both = [inbound.get(peer), outbound.get(peer)];
  return both.some((grants) => grants !== undefined && keepsSecrets([...grants.values()]));
}

function decideSubmit(facts: Facts<'message-submit'>, policy: Policy, at: number): Decision {
  const { peer: name, alias, looksSecret } = facts;
  const peer = policy.peers.find((one) => one.name === name);
  if (peer === undefined) return deny('peer-unknown', null);
  const reason = idleReason(peer, policy, at);
  if (reason !== null) return deny(reason, peer);
  const own = policy.outbound.get(peer.name);
  // A peer of mode send-back has no aliases: behind its one address is whatever its owner routes it to.
  const isThere = alias !== null && (peer.replies.mode === 'task' || alias === DEFAULT_ALIAS);
  const named = isThere ? [own?.get(alias), own?.get('any')] : [];
  const grants = named.filter((grant) => grant !== undefined);
  const grant = grants.find(({ expiresAt }) => !isOver(expiresAt, at));
  if (grant === undefined) return deny(grants.length === 0 ? 'alias-not-granted' : 'grant-expired', peer);
  const isKept = keepsSecretsFrom(policy, peer.name);
  const hold = messageHold(grant, isKept && looksSecret);
  return { allow: true, operation: 'message-submit', peer, grant, hold, keepsSecrets: isKept };
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

/** By a clock that went back, what has expired would be good again: nobody may do anything, and nothing leaves. */
export function isClockBehind({ asOf }: Pick<Policy, 'asOf'>, now: number): boolean {
  return !(now + CLOCK_TOLERANCE_MS >= asOf);
}

/**
 * The one judge of what a peer, or this machine's agents, may do. Total: every input has an answer, and the answer is
 * no unless a grant says otherwise. A clock that went back stops everything: it would bring back what has expired.
 */
export function decide<O extends Operation>(facts: Facts<O>, policy: Policy, now: number): Decision<O> {
  if (isClockBehind(policy, now)) return deny('clock-behind', null);
  // Each branch answers for the operation that it was asked about; the compiler cannot follow that through the switch.
  return decideAt(facts as Facts, policy, Math.max(now, policy.asOf)) as Decision<O>;
}
