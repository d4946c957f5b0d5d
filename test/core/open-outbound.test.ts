/** What agents may write to, as they are told of it: the same as the judge allows, and nothing that is over by any clock. */
import { describe, expect, it } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import { DEFAULT_OUTBOUND_TERMS, type OutboundGrant } from '../../src/core/grant.ts';
import {
  aliasMeant,
  openOutbound,
  outboundObstacle,
  type OutboundObstacle,
} from '../../src/core/open-outbound.ts';
import {
  BY_TASK,
  GATEWAY_PORT,
  type NodeId,
  type Peer,
  type PeerName,
  type TokenDigest,
} from '../../src/core/peer.ts';
import type { Policy } from '../../src/core/policy.ts';
import { POLICY_LIMITS } from '../../src/core/policy.ts';

const BOB = 'bob' as PeerName;
const END = 1_000;

const grant = (alias: string, expiresAt: number | null): OutboundGrant => ({
  direction: 'outbound',
  peer: BOB,
  alias: alias as Alias,
  ...DEFAULT_OUTBOUND_TERMS,
  expiresAt,
});

const peer = (over: Partial<Peer> = {}): Peer => ({
  name: BOB,
  nodeId: 'nbob' as NodeId,
  login: 'bob@example.com',
  tokenDigest: 'b'.repeat(64) as TokenDigest,
  overlap: null,
  state: 'active',
  expiresAt: null,
  replies: BY_TASK,
  ...over,
});
const STOCK = peer({ replies: { mode: 'send-back', port: GATEWAY_PORT } });

function policyOf(asOf: number, ...grants: readonly OutboundGrant[]): Policy {
  const outbound = new Map([[BOB, new Map(grants.map((one) => [one.alias, one]))]]);
  return { peers: [], inbound: new Map(), outbound, limits: POLICY_LIMITS, isPaused: false, asOf };
}

const openAt = (now: number, asOf = 0) =>
  openOutbound(policyOf(asOf, grant('always', null), grant('once', END)), peer(), now).map(
    ({ alias }) => alias,
  );

describe('what agents may write to', () => {
  it('is every grant that is not over', () => {
    expect(openAt(END - 1)).toEqual(['always', 'once']);
    expect(openAt(END)).toEqual(['always']);
  });

  it('does not come back with a clock that goes back', () => {
    expect(openAt(END - 1, END)).toEqual(['always']);
  });

  it('is nothing at a peer without grants', () => {
    const carol = peer({ name: 'carol' as PeerName });
    expect(openOutbound(policyOf(0, grant('inbox', null)), carol, 0)).toEqual([]);
  });

  it('is the one address of a peer without aliases, if any grant leads there', () => {
    const open = (...names: readonly string[]) =>
      openOutbound(policyOf(0, ...names.map((name) => grant(name, null))), STOCK, 0);
    expect(open('reviews')).toEqual([]);
    expect(open('any', 'reviews').map(({ alias }) => alias)).toEqual(['inbox']);
    const both = policyOf(0, grant('any', null), grant('inbox', END));
    expect(openOutbound(both, STOCK, 0)).toEqual([grant('inbox', END)]);
    expect(openOutbound(both, STOCK, END)).toEqual([grant('inbox', null)]);
  });
});

describe('why agents may write nothing to a peer', () => {
  const open = policyOf(0, grant('inbox', null));
  it.each<[string, Policy, Peer, boolean, OutboundObstacle | null]>([
    ['nothing stands in the way', open, peer(), true, null],
    ['the clock went back', { ...open, asOf: 1e9 }, peer(), true, 'clock-behind'],
    ['it is paused', open, peer({ state: 'paused' }), true, 'peer-paused'],
    [
      'its pairing was over before the clock went back',
      { ...open, asOf: 9 },
      peer({ expiresAt: 9 }),
      true,
      'peer-expired',
    ],
    ['its pairing is over', open, peer({ expiresAt: 0 }), true, 'peer-expired'],
    ['all is paused', { ...open, isPaused: true }, peer(), true, 'stack-paused'],
    ['there is no token of it', open, peer(), false, 'peer-token-missing'],
    ['there is no grant', policyOf(0), peer(), true, 'alias-not-granted'],
    ['its grants are over', policyOf(0, grant('inbox', 0)), peer(), true, 'alias-not-granted'],
  ])('%s', (_what, policy, one, hasToken, obstacle) => {
    expect(outboundObstacle(policy, one, hasToken, 0)).toBe(obstacle);
  });
});

describe('the alias that is meant where none is named', () => {
  const meant = (grants: readonly OutboundGrant[], one = peer()) =>
    aliasMeant(policyOf(0, ...grants), one, END);
  it.each<[string, readonly OutboundGrant[], string | null]>([
    ['the usual one, where nothing is open', [], 'inbox'],
    ['the usual one, where all is', [grant('any', null), grant('reviews', null)], 'inbox'],
    ['the usual one, where it is among others', [grant('inbox', null), grant('reviews', null)], 'inbox'],
    ['the only one that there is', [grant('reviews', null)], 'reviews'],
    ['the only one that is not over', [grant('handoff', END), grant('reviews', null)], 'reviews'],
    ['none, where somebody has to choose', [grant('handoff', null), grant('reviews', null)], null],
  ])('is %s', (_what, grants, alias) => {
    expect(meant(grants)).toBe(alias);
  });

  it('is the usual one at a peer that has none', () => {
    expect(meant([grant('reviews', null)], STOCK)).toBe('inbox');
  });
});
