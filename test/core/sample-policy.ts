import type { Alias } from '../../src/core/alias.ts';
import type { InboundGrant, OutboundGrant } from '../../src/core/grant.ts';
import type { Invite } from '../../src/core/invite.ts';
import type { Peer, PeerName, TokenDigest } from '../../src/core/peer.ts';
import { buildPolicy, POLICY_LIMITS, type Policy, type PolicyParts } from '../../src/core/policy.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import { createDigests } from '../../src/digests.ts';
import { sampleGrant, sampleOutboundGrant, samplePeer } from '../harness/samples.ts';

export const NOW = Date.UTC(2026, 3, 1, 12);

export function peerNamed(name: string, over: Partial<Peer> = {}): Peer {
  return samplePeer(name as PeerName, over);
}

/** Each alias leads to a session of its own, so that a test sees which was taken. */
export function inbound(peer: string, alias: string, over: Partial<InboundGrant> = {}): InboundGrant {
  const sessionKey = `agent:main:${peer}-${alias}` as SessionKey;
  return sampleGrant({ peer: peer as PeerName, alias: alias as Alias, sessionKey, ...over });
}

export function outbound(peer: string, alias: string, over: Partial<OutboundGrant> = {}): OutboundGrant {
  return sampleOutboundGrant({ peer: peer as PeerName, alias: alias as Alias, ...over });
}

/** Of a secret that nobody else's is. */
export function inviteFor(name: string, over: Partial<Invite> = {}): Invite {
  return {
    peer: name as PeerName,
    secretDigest: createDigests().token(`secret of ${name}`),
    nodeId: null,
    claimedBy: null,
    expiresAt: NOW + 60_000,
    ...over,
  };
}

/** Of the second token of a peer, while its tokens change. */
export function secondDigest(name: string): TokenDigest {
  return createDigests().token(`second token of ${name}`);
}

export function partsWith(over: Partial<PolicyParts> = {}): PolicyParts {
  return { peers: [], grants: [], limits: POLICY_LIMITS, isPaused: false, asOf: NOW, ...over };
}

export function policyWith(over: Partial<PolicyParts> = {}): Policy {
  const built = buildPolicy(partsWith(over));
  if (!built.ok) throw new Error(built.problem.what);
  return built.value;
}
