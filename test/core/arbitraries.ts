/** Every request, policy and instant that the judge could be asked about, with those that matter made frequent. */
import fc from 'fast-check';
import type { Alias } from '../../src/core/alias.ts';
import type { Operation } from '../../src/core/decision.ts';
import type { Budgets, Load } from '../../src/core/guard.ts';
import type { Credential, Facts, Usage } from '../../src/core/facts.ts';
import { GRANT_OPERATIONS, HOLDS, type Grant } from '../../src/core/grant.ts';
import type { Invite } from '../../src/core/invite.ts';
import type { NodeId, OverlapToken, Peer, PeerName, TokenDigest } from '../../src/core/peer.ts';
import type { PolicyParts } from '../../src/core/policy.ts';
import { inbound, inviteFor, NOW, outbound, peerNamed, secondDigest } from './sample-policy.ts';

const NAMES = ['bob', 'carol', 'dave'] as const;
const ALIASES = ['inbox', 'handoff'] as const;

const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values);

export const instants = fc.oneof(
  { weight: 14, arbitrary: oneOf(...[-120_000, -1, 0, 0, 1, 2, 60_000].map((ms) => NOW + ms)) },
  { weight: 1, arbitrary: fc.constant(NOW - 120_001) },
  { weight: 1, arbitrary: oneOf(NaN, Infinity, -Infinity, -0, -1, Number.MAX_SAFE_INTEGER) },
  { weight: 1, arbitrary: fc.double() },
);
const ends = fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: instants });
const counts = fc.oneof(
  { weight: 6, arbitrary: oneOf(0, 1, 2, 3) },
  { weight: 1, arbitrary: oneOf(NaN, Infinity, -1) },
  { weight: 1, arbitrary: fc.double() },
);

const limits = fc.oneof({ weight: 3, arbitrary: oneOf(2, 3, 4) }, { weight: 1, arbitrary: counts });

/** A second token, from the moment that it is made until its end. */
const overlapOf = (name: string): fc.Arbitrary<OverlapToken | null> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: ends.map((until) => ({ digest: secondDigest(name), until })) },
  );

/** Each with tokens and a node of its own, but that a revoked one may have had another's node. */
const peers: fc.Arbitrary<readonly Peer[]> = fc
  .tuple(
    ...NAMES.map((name) =>
      fc
        .record({
          isThere: oneOf(true, true, true, true, true, false),
          state: oneOf(...Array<'active'>(7).fill('active'), 'revoked', 'provisional', 'paused'),
          expiresAt: ends,
          overlap: overlapOf(name),
          usedBy: oneOf(...NAMES),
        })
        .map(({ isThere, state, expiresAt, overlap, usedBy }) => {
          const { nodeId } = peerNamed(state === 'revoked' ? usedBy : name);
          return isThere ? [peerNamed(name, { state, expiresAt, overlap, nodeId } as Partial<Peer>)] : [];
        }),
    ),
  )
  .map((found) => found.flat());

const grants: fc.Arbitrary<readonly Grant[]> = fc.uniqueArray(
  fc.oneof(
    fc
      .tuple(
        oneOf(...NAMES),
        oneOf(...ALIASES),
        fc.record({
          operations: fc.oneof(fc.constant(GRANT_OPERATIONS), fc.subarray([...GRANT_OPERATIONS])),
          sendsPerMinute: fc.oneof(fc.constant(null), limits),
          hold: oneOf(...HOLDS),
          expiresAt: ends,
        }),
      )
      .map(([peer, alias, terms]) => inbound(peer, alias, terms)),
    fc
      .tuple(oneOf(...NAMES), oneOf(...ALIASES, 'any'), fc.record({ hold: oneOf(...HOLDS), expiresAt: ends }))
      .map(([peer, alias, terms]) => outbound(peer, alias, terms)),
  ),
  {
    selector: ({ direction, peer, alias }) => `${direction} ${peer} ${alias}`,
    size: 'medium',
    maxLength: 15,
  },
);

const budgets: fc.Arbitrary<Budgets> = fc.record({
  turnsPerHour: limits,
  turnsPerDay: limits,
  turnsPerConversation: limits,
  bytesPerDay: limits,
});

/** Parts that make a policy. */
export const policyParts: fc.Arbitrary<PolicyParts> = fc
  .record({
    peers,
    grants,
    isPaused: fc.oneof(
      { weight: 9, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
    limits: fc.record({ sendsPerMinute: limits, totalSendsPerMinute: limits, budgets }),
    asOf: fc.oneof({ weight: 12, arbitrary: fc.constant(NOW) }, { weight: 1, arbitrary: instants }),
  })
  .map((parts) => {
    const names = parts.peers.map(({ name }) => name);
    return { ...parts, grants: parts.grants.filter(({ peer }) => names.includes(peer)) };
  });

const known = fc
  .tuple(oneOf(...NAMES), oneOf(...Array<'own'>(8).fill('own'), 'second token', 'no token', 'no node'))
  .map(([name, has]): Credential => {
    const { tokenDigest, nodeId } = peerNamed(name);
    const presented = has === 'second token' ? secondDigest(name) : tokenDigest;
    return { presented: has === 'no token' ? null : presented, nodeId: has === 'no node' ? null : nodeId };
  });
const mixed: fc.Arbitrary<Credential> = fc.record({
  presented: fc.oneof(
    oneOf(null, ...NAMES.flatMap((name) => [peerNamed(name).tokenDigest, secondDigest(name)])),
    fc.string().map((raw) => raw as TokenDigest),
  ),
  nodeId: fc.oneof(
    oneOf(null, ...NAMES.map((name) => peerNamed(name).nodeId)),
    fc.string().map((raw) => raw as NodeId),
  ),
});

const aliases = fc.oneof(
  { weight: 12, arbitrary: oneOf(...ALIASES).map((raw) => raw as Alias) },
  { weight: 1, arbitrary: oneOf(null, ...['any', '__proto__', 'constructor'].map((raw) => raw as Alias)) },
  { weight: 1, arbitrary: fc.string().map((raw) => raw as Alias) },
);
export const usages: fc.Arbitrary<Usage> = fc.record({
  underGrant: counts,
  fromPeer: counts,
  fromAll: counts,
});

export const loads: fc.Arbitrary<Load> = fc.record({
  hop: fc.nat({ max: 8 }),
  lastHour: counts,
  lastDay: counts,
  ofConversation: counts,
  bytesLastDay: counts,
});

/** Who may come with an invite: peers, and a node that never was one. */
const GUESTS = [...NAMES, 'frank'] as const;
const guestNodes = oneOf(...GUESTS.map((name) => peerNamed(name).nodeId));
const nodesOfInvites = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: guestNodes },
);

/** Each with a secret of its own. */
const invites: fc.Arbitrary<readonly Invite[]> = fc.uniqueArray(
  fc
    .record({
      name: oneOf(...GUESTS),
      nodeId: nodesOfInvites,
      claimedBy: nodesOfInvites,
      expiresAt: instants,
    })
    .map(({ name, ...over }) => inviteFor(name, over)),
  { selector: ({ peer }) => peer, minLength: 1, maxLength: GUESTS.length },
);

/** Somebody comes with one of these invites, or with a secret of none. */
const claims = fc
  .record({
    presented: oneOf(null, null, null, ...NAMES.map((name) => peerNamed(name).tokenDigest)),
    nodeId: fc.oneof({ weight: 12, arbitrary: guestNodes }, { weight: 1, arbitrary: fc.constant(null) }),
    invites,
    which: fc.nat(),
    other: fc.oneof(
      { weight: 9, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.string().map((raw) => raw as TokenDigest) },
    ),
  })
  .map(({ presented, nodeId, invites: all, which, other }) => {
    const secret = other ?? all[which % all.length]?.secretDigest ?? ('' as TokenDigest);
    return { presented, nodeId, invites: all, secret };
  });

/** A request for one of these operations, with a credential that is often right. */
export function requestsFor(...operations: readonly Operation[]): fc.Arbitrary<Facts> {
  return fc
    .record({
      operation: oneOf(...operations),
      who: fc.oneof({ weight: 7, arbitrary: known }, { weight: 1, arbitrary: mixed }),
      alias: aliases,
      usage: fc.oneof(fc.constant(null), usages),
      load: fc.oneof(fc.constant(null), loads),
      claim: claims,
      agent: oneOf(null, null, null, null, 'main', 'work'),
      looksSecret: fc.boolean(),
      peer: fc.oneof(
        { weight: 6, arbitrary: oneOf(...NAMES).map((raw) => raw as PeerName) },
        { weight: 1, arbitrary: oneOf(null, 'all' as PeerName, '__proto__' as PeerName) },
      ),
    })
    .map(({ operation, who, alias, usage, load, agent, peer, claim, looksSecret }): Facts => {
      switch (operation) {
        case 'message-send':
          return { ...who, operation, alias, usage, load, agent };
        case 'task-read':
        case 'task-cancel':
          return { ...who, operation, alias };
        case 'message-submit':
          return { operation, peer, alias, looksSecret };
        case 'liveness-read':
        case 'health-read':
        case 'card-read':
        case 'pairing-continue':
        case 'token-rotate':
          return { ...who, operation };
        case 'invite-claim':
          return { ...claim, operation };
      }
    });
}
