import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CLOCK_TOLERANCE_MS, decide } from '../../src/core/decide.ts';
import { DENY_REASONS, OPERATIONS, type Decision, type Operation } from '../../src/core/decision.ts';
import { explain } from '../../src/core/explain.ts';
import type { Facts, Usage } from '../../src/core/facts.ts';
import { GRANT_OPERATIONS } from '../../src/core/grant.ts';
import type { Peer, TokenDigest } from '../../src/core/peer.ts';
import type { Policy, PolicyParts } from '../../src/core/policy.ts';
import { propertiesOf } from '../harness/properties.ts';
import { instants, policyParts, requestsFor, usages } from './arbitraries.ts';
import { NOW, peerNamed, policyWith, secondDigest } from './sample-policy.ts';

const holds = propertiesOf('the judge');
const requests = requestsFor(...OPERATIONS);

/** All that a decision lets its caller do or see, so that two decisions can be compared. */
function accessOf(decision: Decision): readonly string[] {
  if (!decision.allow) return [];
  switch (decision.operation) {
    case 'liveness-read':
      return ['liveness'];
    case 'health-read':
      return [`health to ${decision.peer.name}`];
    case 'pairing-continue':
    case 'token-rotate':
      return [`${decision.operation} of ${decision.peer.name}`];
    case 'invite-claim':
      return [`claim of ${decision.invite.peer}`];
    case 'card-read':
      return ['card', ...decision.grants.map(({ peer, alias }) => `card of ${peer} ${alias}`)];
    case 'message-submit':
      return [`submit to ${decision.peer.name}`];
    case 'message-send':
    case 'task-read':
    case 'task-cancel':
      return [`${decision.operation} ${decision.peer.name} ${decision.grant.sessionKey}`];
  }
}

function access(facts: Facts, policy: Policy, now: number): readonly string[] {
  return accessOf(decide(facts, policy, now));
}

function isWithin(less: readonly string[], more: readonly string[]): boolean {
  return less.every((one) => more.includes(one));
}

function without<T>(list: readonly T[], index: number): readonly T[] {
  return list.filter((_, at) => at !== index % list.length);
}

/** A revoked peer may have had the node of another; one that is not revoked has its own. */
function withOwnNodes(peers: readonly Peer[]): readonly Peer[] {
  return peers.map((peer) => ({ ...peer, nodeId: peerNamed(peer.name).nodeId }));
}

const isLive = (expiresAt: number | null, now: number) => expiresAt === null || now < expiresAt;

it('is asked about enough: every operation is allowed at times, every reason given', () => {
  const seen = new Set<string>();
  // Sends have the longest way to a yes.
  const asked = fc.tuple(
    fc.oneof(requests, requestsFor('message-send'), requestsFor('invite-claim')),
    policyParts,
    instants,
  );
  for (const [facts, parts, now] of fc.sample(asked, { seed: 1, numRuns: 2000 })) {
    const decision = decide(facts, policyWith(parts), now);
    seen.add(decision.allow ? decision.operation : decision.reason);
  }
  expect([...seen].sort()).toEqual([...OPERATIONS, ...DENY_REASONS].sort());
});

holds(
  'answers every question with yes or a listed reason, and one sentence for the owner',
  fc.property(requests, policyParts, instants, (facts, parts, now) => {
    const decision = decide(facts, policyWith(parts), now);
    if (decision.allow) expect(decision.operation).toBe(facts.operation);
    else expect(DENY_REASONS).toContain(decision.reason);
    expect(explain(decision)).toMatch(/^(Allowed|Refused): [^.]+\.$/);
  }),
);

holds(
  'allows under a grant exactly one granted key: of that peer and alias, live, for that operation',
  fc.property(requestsFor(...GRANT_OPERATIONS), policyParts, instants, (facts, parts, now) => {
    const decision = decide(facts, policyWith(parts), now);
    if (!decision.allow || !('grant' in decision) || decision.operation === 'message-submit') return;
    const fitting = parts.grants.filter(
      (grant) =>
        grant.direction === 'inbound' &&
        grant.peer === decision.peer.name &&
        'alias' in facts &&
        grant.alias === facts.alias &&
        isLive(grant.expiresAt, now) &&
        grant.operations.includes(decision.operation),
    );
    expect(fitting).toEqual([decision.grant]);
    if (facts.operation === 'message-send' && facts.agent !== null) {
      expect(decision.grant.sessionKey.startsWith(`agent:${facts.agent}:`)).toBe(true);
    }
  }),
);

holds(
  'allows towards a peer only under a live grant for that alias or for any',
  fc.property(requestsFor('message-submit'), policyParts, instants, (facts, parts, now) => {
    const decision = decide(facts, policyWith(parts), now);
    if (!decision.allow || facts.operation !== 'message-submit') return;
    expect(decision).toMatchObject({
      operation: 'message-submit',
      peer: { name: facts.peer, state: 'active' },
    });
    const fitting = parts.grants.filter(
      (grant) =>
        grant.direction === 'outbound' &&
        grant.peer === facts.peer &&
        (grant.alias === facts.alias || grant.alias === 'any') &&
        isLive(grant.expiresAt, now),
    );
    expect(fitting).toContainEqual('grant' in decision && decision.grant);
  }),
);

holds(
  'lets nothing that looks like a secret go by itself to a peer with which one grant says that it waits, and lets go all else',
  fc.property(requestsFor('message-submit'), policyParts, instants, (facts, parts, now) => {
    const decision = decide(facts, policyWith(parts), now);
    if (!decision.allow || decision.operation !== 'message-submit') return;
    if (facts.operation !== 'message-submit') return;
    const kept = parts.grants.some(({ peer, hold }) => peer === facts.peer && hold === 'secrets');
    const isLookedAt = ['outbound', 'both'].includes(decision.grant.hold);
    const secret = kept && facts.looksSecret ? 'looks-secret' : null;
    expect(decision).toMatchObject({ hold: isLookedAt ? 'grant' : secret, keepsSecrets: kept });
  }),
);

/** A pairing that is not complete is what goes on while a peer is provisional, and nothing else of it does. */
const STANDING: readonly Operation[] = OPERATIONS.filter((operation) => operation !== 'pairing-continue');

holds(
  'allows nothing to a peer that is not active or has expired, on another node, or with a token not its own',
  fc.property(requests, policyParts, instants, (facts, parts, now) => {
    const decision = decide(facts, policyWith(parts), now);
    if (!decision.allow || decision.peer === null) return;
    const { peer } = decision;
    expect(parts.peers).toContainEqual(peer);
    const goesOn = facts.operation === 'pairing-continue' && peer.state === 'provisional';
    expect(goesOn || (peer.state === 'active' && isLive(peer.expiresAt, now))).toBe(true);
    if (facts.operation === 'message-submit') return;
    expect(facts.nodeId).toBe(peer.nodeId);
    if (facts.operation === 'card-read') return;
    const second = peer.overlap !== null && isLive(peer.overlap.until, now) ? [peer.overlap.digest] : [];
    expect([peer.tokenDigest, ...second]).toContain(facts.presented);
  }),
);

holds(
  'allows to peers none of which is active nothing but to go on with their pairing, whatever they were granted',
  fc.property(
    requestsFor(...STANDING),
    policyParts,
    instants,
    fc.constantFrom('provisional', 'paused', 'revoked'),
    (facts, parts, now, state) => {
      const peers = parts.peers.map((peer): Peer => ({ ...peer, state }));
      const decision = decide(facts, policyWith({ ...parts, peers: withOwnNodes(peers) }), now);
      if (decision.allow) expect(['liveness-read', 'invite-claim']).toContain(decision.operation);
    },
  ),
);

holds(
  'takes the second token of a peer for its first until its end, and from its end on for nobody’s',
  fc.property(requests, policyParts, instants, fc.nat(), (facts, parts, now, at) => {
    const { name, tokenDigest } = parts.peers[at % parts.peers.length] ?? {};
    fc.pre(name !== undefined && tokenDigest !== undefined && 'presented' in facts);
    const digest = secondDigest(name);
    const withSecond = (until: number | null) =>
      policyWith({
        ...parts,
        peers: parts.peers.map((peer) =>
          peer.name === name ? { ...peer, overlap: { digest, until } } : peer,
        ),
      });
    const asked = (presented: TokenDigest, until: number | null) =>
      decide({ ...facts, presented }, withSecond(until), now);
    for (const until of [null, Math.max(now, parts.asOf) + 1]) {
      fc.pre(until === null || until > Math.max(now, parts.asOf));
      expect(asked(digest, until)).toEqual(asked(tokenDigest, until));
    }
    for (const until of [Math.max(now, parts.asOf), now - 1, NaN])
      expect(asked(digest, until)).toEqual(asked('nobody’s' as TokenDigest, until));
  }),
);

const claims = requestsFor('invite-claim');

holds(
  'allows an invite to no other node than its own, not after its end, and to no node that is a peer already',
  fc.property(claims, policyParts, instants, (facts, parts, now) => {
    const decision = decide(facts, policyWith(parts), now);
    if (!decision.allow || decision.operation !== 'invite-claim' || facts.operation !== 'invite-claim')
      return;
    const { invite } = decision;
    expect(facts.invites.filter(({ secretDigest }) => secretDigest === facts.secret)).toEqual([invite]);
    expect([invite.nodeId ?? facts.nodeId, invite.claimedBy ?? facts.nodeId]).toEqual([
      facts.nodeId,
      facts.nodeId,
    ]);
    expect(isLive(invite.expiresAt, now)).toBe(true);
    const known = parts.peers.filter(({ nodeId, state }) => nodeId === facts.nodeId && state !== 'revoked');
    for (const peer of known) expect([peer.name, peer.state]).toEqual([invite.peer, 'provisional']);
  }),
);

holds(
  'allows an invite to one node: once that has used it, no other node may, at any time, whatever became of the peer',
  fc.property(claims, claims, policyParts, instants, instants, (facts, later, parts, now, then) => {
    const decision = decide(facts, policyWith(parts), now);
    if (!decision.allow || decision.operation !== 'invite-claim' || !('secret' in later)) return;
    const { nodeId } = facts as Facts<'invite-claim'>;
    const used = { ...decision.invite, claimedBy: nodeId };
    const asked = { ...later, secret: used.secretDigest, invites: [used] };
    const again = decide(asked, policyWith(parts), then);
    if (again.allow) expect(later.nodeId).toBe(nodeId);
  }),
);

holds(
  'never takes access away by a grant more, nor gives any by a grant less',
  fc.property(requests, policyParts, instants, fc.nat(), (facts, parts, now, index) => {
    const fewer: PolicyParts = { ...parts, grants: without(parts.grants, index) };
    const [less, more] = [access(facts, policyWith(fewer), now), access(facts, policyWith(parts), now)];
    expect(isWithin(less, more)).toBe(true);
  }),
);

holds(
  'gives nobody anything by the grants of another',
  fc.property(requests, policyParts, instants, (facts, parts, now) => {
    const decision = decide(facts, policyWith(parts), now);
    if (decision.peer === null) return;
    const own = parts.grants.filter(({ peer }) => peer === decision.peer?.name);
    expect(decide(facts, policyWith({ ...parts, grants: own }), now)).toEqual(decision);
  }),
);

holds(
  'says the same whatever the order of peers and grants',
  fc.property(requests, policyParts, instants, (facts, parts, now) => {
    const turned = { ...parts, peers: [...parts.peers].reverse(), grants: [...parts.grants].reverse() };
    expect([...access(facts, policyWith(turned), now)].sort()).toEqual(
      [...access(facts, policyWith(parts), now)].sort(),
    );
  }),
);

holds(
  'gives nothing for time that passes, unless the clock was behind',
  fc.property(requests, policyParts, instants, fc.nat(200_000), (facts, parts, now, ms) => {
    fc.pre(now + CLOCK_TOLERANCE_MS >= parts.asOf);
    const policy = policyWith(parts);
    expect(isWithin(access(facts, policy, now + ms), access(facts, policy, now))).toBe(true);
  }),
);

holds(
  'gives nothing back when the clock goes back behind what it has shown',
  fc.property(requests, policyParts, instants, fc.nat(200_000), (facts, parts, now, ms) => {
    const policy = policyWith({ ...parts, asOf: now });
    expect(isWithin(access(facts, policy, now - ms), access(facts, policy, now))).toBe(true);
  }),
);

holds(
  'allows nothing at all once the clock is behind by more than its tolerance',
  fc.property(requests, policyParts, instants, (facts, parts, now) => {
    fc.pre(!(now + CLOCK_TOLERANCE_MS >= parts.asOf));
    expect(decide(facts, policyWith(parts), now)).toEqual({
      allow: false,
      reason: 'clock-behind',
      peer: null,
    });
  }),
);

holds(
  'allows with an empty policy nothing but to ask whether the stack is up, and to use an invite, from a known node',
  fc.property(requests, instants, (facts, now) => {
    const decision = decide(facts, policyWith({ asOf: NOW }), now);
    if (!decision.allow) return;
    expect(['liveness-read', 'invite-claim']).toContain(decision.operation);
    expect('nodeId' in facts && facts.nodeId).toEqual(expect.any(String));
  }),
);

holds(
  'lets nobody do anything in a paused stack but ask whether it is up and go on with a pairing, and changes no other no',
  fc.property(requests, policyParts, instants, (facts, parts, now) => {
    const on = decide(facts, policyWith({ ...parts, isPaused: false }), now);
    const paused = decide(facts, policyWith({ ...parts, isPaused: true }), now);
    const goesOn = on.allow && ['liveness-read', 'pairing-continue'].includes(on.operation);
    if (goesOn) expect(paused).toEqual(on);
    else expect(paused.allow).toBe(false);
    if (!paused.allow && paused.reason !== 'stack-paused') expect(paused).toEqual(on);
  }),
);

holds(
  'never allows more for having been used more',
  fc.property(
    requestsFor('message-send'),
    policyParts,
    instants,
    usages,
    fc.nat(3),
    (facts, parts, now, usage, more) => {
      const policy = policyWith(parts);
      const { underGrant, fromPeer, fromAll } = usage;
      const used = { underGrant: underGrant + more, fromPeer: fromPeer + more, fromAll: fromAll + more };
      const after = (count: Usage | null) => access({ ...facts, usage: count } as Facts, policy, now);
      expect(isWithin(after(usage), after(null))).toBe(true);
      expect(isWithin(after(used), after(usage))).toBe(true);
    },
  ),
);
