import { describe, expect, it } from 'vitest';
import { DEFAULT_TERMS, isGrantOperation, isHold, type Grant } from '../../src/core/grant.ts';
import type { Peer } from '../../src/core/peer.ts';
import { BUDGETS } from '../../src/core/guard.ts';
import { aliasesOf, buildPolicy, POLICY_LIMITS, SENDS_WINDOW_MS } from '../../src/core/policy.ts';
import { inbound, NOW, outbound, partsWith, peerNamed, policyWith, secondDigest } from './sample-policy.ts';

const bob = peerNamed('bob');
const carol = peerNamed('carol');

describe('a policy', () => {
  it('finds a grant by direction, peer and alias', () => {
    const handoff = inbound('bob', 'handoff');
    const inbox = inbound('bob', 'inbox');
    const back = outbound('bob', 'handoff');
    const any = outbound('carol', 'any');
    const { peers, limits, isPaused, asOf, ...found } = policyWith({
      peers: [bob, carol],
      grants: [handoff, back, inbox, any],
    });
    expect({ peers, limits, isPaused, asOf }).toEqual({
      peers: [bob, carol],
      limits: POLICY_LIMITS,
      isPaused: false,
      asOf: NOW,
    });
    expect(found.inbound).toEqual(
      new Map([
        [
          'bob',
          new Map([
            ['handoff', handoff],
            ['inbox', inbox],
          ]),
        ],
      ]),
    );
    expect(found.outbound).toEqual(
      new Map([
        ['bob', new Map([['handoff', back]])],
        ['carol', new Map([['any', any]])],
      ]),
    );
  });

  it.each<[string, readonly Peer[], readonly Grant[]]>([
    [
      'two peers of one name',
      [bob, peerNamed('bob', { nodeId: carol.nodeId, tokenDigest: carol.tokenDigest })],
      [],
    ],
    ['a token of two peers', [bob, { ...carol, tokenDigest: bob.tokenDigest }], []],
    [
      'a token of two peers, one revoked',
      [bob, { ...carol, tokenDigest: bob.tokenDigest, state: 'revoked' }],
      [],
    ],
    [
      'a second token that is another’s first',
      [bob, { ...carol, overlap: { digest: bob.tokenDigest, until: null } }],
      [],
    ],
    [
      'a second token of two peers',
      [bob, carol].map((peer) => ({ ...peer, overlap: { digest: secondDigest('bob'), until: NOW } })),
      [],
    ],
    ['a second token that is the first', [{ ...bob, overlap: { digest: bob.tokenDigest, until: NOW } }], []],
    ...(['provisional', 'paused'] as const).map((state): [string, readonly Peer[], readonly Grant[]] => [
      `a node of a peer and of one that is ${state}`,
      [bob, { ...carol, nodeId: bob.nodeId, state }],
      [],
    ]),
    ['a node of two active peers', [bob, { ...carol, nodeId: bob.nodeId }], []],
    [
      'two sessions behind one alias',
      [bob],
      [inbound('bob', 'desk'), inbound('bob', 'desk', { hold: 'both' })],
    ],
    ['two terms for one way out', [bob], [outbound('bob', 'any'), outbound('bob', 'any', { hold: 'both' })]],
    ['a grant to nobody', [bob], [inbound('carol', 'desk')]],
    ['a grant towards nobody', [bob], [outbound('carol', 'any')]],
  ])('is none with %s', (_, peers, grants) => {
    expect(buildPolicy(partsWith({ peers, grants }))).toEqual({
      ok: false,
      problem: {
        where: 'policy',
        what: 'has two answers to one question',
        fix: 'Restore a backup of the data folder',
      },
    });
  });

  it.each<[string, readonly Peer[], readonly Grant[]]>([
    ['no peer at all', [], []],
    ['a node that a revoked peer had before', [{ ...carol, nodeId: bob.nodeId, state: 'revoked' }, bob], []],
    ['two tokens of one peer', [{ ...bob, overlap: { digest: secondDigest('bob'), until: null } }], []],
    ['one alias at two peers', [bob, carol], [inbound('bob', 'desk'), inbound('carol', 'desk')]],
    ['one alias both ways', [bob], [inbound('bob', 'desk'), outbound('bob', 'desk')]],
    [
      'one session under two aliases',
      [bob],
      [inbound('bob', 'desk'), { ...inbound('bob', 'desk'), alias: inbound('bob', 'inbox').alias }],
    ],
  ])('can be made with %s', (_, peers, grants) => {
    expect(buildPolicy(partsWith({ peers, grants })).ok).toBe(true);
  });

  it('is a snapshot that later changes do not reach', () => {
    const peers = [bob];
    const grants = [inbound('bob', 'desk')];
    const policy = policyWith({ peers, grants });
    peers.push(carol);
    grants.push(inbound('carol', 'desk'));
    expect(policy.peers).toEqual([bob]);
    expect([...policy.inbound.keys()]).toEqual(['bob']);
  });

  it('has limits that a loop between two agents meets within a minute', () => {
    expect(POLICY_LIMITS).toEqual({ sendsPerMinute: 30, totalSendsPerMinute: 120, budgets: BUDGETS });
    expect(SENDS_WINDOW_MS).toBe(60_000);
  });
});

describe('the aliases that a grant to write to a peer may be for', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['the usual one, where there is no grant', [], ['inbox']],
    ['the usual one, where all are granted', ['any'], ['inbox']],
    [
      'those that are named, and the usual one',
      ['any', 'reviews', 'handoff'],
      ['reviews', 'handoff', 'inbox'],
    ],
    ['the usual one once', ['inbox', 'reviews'], ['inbox', 'reviews']],
  ])('are %s', (_what, granted, aliases) => {
    const grants = granted.map((alias) => outbound('bob', alias));
    const policy = policyWith({ peers: [bob], grants });
    expect(aliasesOf(policy, bob.name)).toEqual(aliases);
  });
});

describe('the terms of a grant', () => {
  it('are, unless the owner says otherwise: write, read and take back, without limit, hold or end', () => {
    expect(DEFAULT_TERMS).toEqual({
      operations: ['message-send', 'task-read', 'task-cancel'],
      sendsPerMinute: null,
      hold: 'none',
      expiresAt: null,
    });
  });

  it('are read by their exact words', () => {
    for (const word of ['none', 'inbound', 'outbound', 'both']) expect(isHold(word)).toBe(true);
    for (const word of ['', 'None', 'in', 'all']) expect(isHold(word)).toBe(false);
    for (const word of ['message-send', 'task-read', 'task-cancel'])
      expect(isGrantOperation(word)).toBe(true);
    for (const word of ['', 'Message-Send', 'message-submit', 'health-read', 'card-read']) {
      expect(isGrantOperation(word)).toBe(false);
    }
  });
});
