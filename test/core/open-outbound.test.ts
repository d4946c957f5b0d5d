/** What agents may write to, as they are told of it: the same as the judge allows, and nothing that is over by any clock. */
import { describe, expect, it } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import { DEFAULT_OUTBOUND_TERMS, type OutboundGrant } from '../../src/core/grant.ts';
import { openOutbound } from '../../src/core/open-outbound.ts';
import type { PeerName } from '../../src/core/peer.ts';
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

function policyOf(asOf: number, ...grants: readonly OutboundGrant[]): Policy {
  const outbound = new Map([[BOB, new Map(grants.map((one) => [one.alias, one]))]]);
  return { peers: [], inbound: new Map(), outbound, limits: POLICY_LIMITS, isPaused: false, asOf };
}

const openAt = (now: number, asOf = 0) =>
  openOutbound(policyOf(asOf, grant('always', null), grant('once', END)), BOB, now).map(({ alias }) => alias);

describe('what agents may write to', () => {
  it('is every grant that is not over', () => {
    expect(openAt(END - 1)).toEqual(['always', 'once']);
    expect(openAt(END)).toEqual(['always']);
  });

  it('does not come back with a clock that goes back', () => {
    expect(openAt(END - 1, END)).toEqual(['always']);
  });

  it('is nothing at a peer without grants', () => {
    expect(openOutbound(policyOf(0), 'carol' as PeerName, 0)).toEqual([]);
  });
});
