import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import { decide, type Facts } from '../../src/core/decide.ts';
import { DENY_REASONS, OPERATIONS } from '../../src/core/decision.ts';
import { explain } from '../../src/core/explain.ts';
import type { NodeId, TokenDigest } from '../../src/core/peer.ts';
import { buildPolicy, EMPTY_POLICY } from '../../src/core/policy.ts';
import { BOB, CAROL, HANDOFF, samplePeer, SESSION } from '../harness/samples.ts';

const bob = samplePeer(BOB);
const carol = samplePeer(CAROL);
const policy = buildPolicy([bob, carol], [{ peer: BOB, alias: HANDOFF, sessionKey: SESSION }]);

const facts = (over: Partial<Facts> = {}): Facts => ({
  operation: 'message-send',
  presented: bob.tokenDigest,
  nodeId: bob.nodeId,
  alias: HANDOFF,
  ...over,
});

describe('the judge', () => {
  it('allows a granted alias, to its peer, from its node', () => {
    expect(decide(facts(), policy)).toEqual({
      allow: true,
      operation: 'message-send',
      peer: bob,
      grant: { peer: BOB, alias: HANDOFF, sessionKey: SESSION },
    });
  });

  it.each([
    ['token-missing', { presented: null }],
    ['token-unknown', { presented: 'f'.repeat(64) as TokenDigest }],
    ['token-unknown', { presented: '' as TokenDigest }],
    ['token-unknown', { presented: bob.tokenDigest.slice(0, 63) as TokenDigest }],
    ['node-unknown', { nodeId: null }],
    ['node-mismatch', { nodeId: carol.nodeId }],
    ['node-mismatch', { presented: carol.tokenDigest }],
    ['alias-not-granted', { alias: 'other' as Alias }],
    ['alias-not-granted', { alias: null }],
    ['alias-not-granted', { alias: '__proto__' as Alias }],
    ['alias-not-granted', { presented: carol.tokenDigest, nodeId: carol.nodeId }],
  ] as const)('says %s for %o', (reason, over) => {
    expect(decide(facts(over), policy)).toMatchObject({ allow: false, reason });
  });

  it('refuses a revoked peer, whatever it was granted', () => {
    const revoked = buildPolicy(
      [samplePeer(BOB, { state: 'revoked' })],
      [...(policy.grants.get(BOB)?.values() ?? [])],
    );
    for (const operation of OPERATIONS) {
      expect(decide(facts({ operation }), revoked)).toMatchObject({ allow: false, reason: 'peer-revoked' });
    }
  });

  it('lets a peer read its tasks and the health without any grant', () => {
    const own = { presented: carol.tokenDigest, nodeId: carol.nodeId, alias: null };
    expect(decide(facts({ ...own, operation: 'task-read' }), policy)).toMatchObject({ allow: true });
    expect(decide(facts({ ...own, operation: 'health-read' }), policy)).toMatchObject({ allow: true });
  });

  it('never throws, never allows without a grant, and never another alias than the granted one', () => {
    const oneOf = <T>(...values: T[]) => fc.constantFrom(...values);
    const arbitrary = fc.record({
      operation: oneOf(...OPERATIONS),
      presented: fc.oneof(
        oneOf(null, bob.tokenDigest, carol.tokenDigest),
        fc.string().map((raw) => raw as TokenDigest),
      ),
      nodeId: fc.oneof(
        oneOf(null, bob.nodeId, carol.nodeId),
        fc.string().map((raw) => raw as NodeId),
      ),
      alias: fc.oneof(
        oneOf(null, HANDOFF),
        fc.string().map((raw) => raw as Alias),
      ),
    });
    fc.assert(
      fc.property(arbitrary, (given) => {
        expect(decide(given, EMPTY_POLICY).allow).toBe(false);
        const decision = decide(given, policy);
        expect(explain(decision)).toMatch(/^(Allowed|Refused): .+\.$/);
        if (!decision.allow) {
          expect(DENY_REASONS).toContain(decision.reason);
          return;
        }
        expect(given.presented).toBe(decision.peer.tokenDigest);
        expect(given.nodeId).toBe(decision.peer.nodeId);
        if (decision.operation !== 'message-send') return;
        expect(decision.grant).toEqual({ peer: BOB, alias: given.alias, sessionKey: SESSION });
        expect(given.alias).toBe(HANDOFF);
      }),
    );
  });

  it('decides by a snapshot that later changes do not reach', () => {
    const peers = [bob];
    const snapshot = buildPolicy(peers, []);
    peers.push(carol);
    expect(snapshot.peers).toEqual([bob]);
  });
});

describe('the explanation', () => {
  it('tells the owner, and never quotes a credential', () => {
    expect(explain(decide(facts(), policy))).toBe(
      'Allowed: bob may write to "handoff", which is agent:main:peer-bob.',
    );
    const mismatch = explain(decide(facts({ nodeId: carol.nodeId }), policy));
    expect(mismatch).toBe(
      "Refused: the token is bob's, but it came from another node than the one it is bound to.",
    );
    expect(mismatch).not.toContain(bob.tokenDigest);
  });
});
