/**
 * What needs a person, and when. Each rule at its edge: a minute before it is nothing, at it there is a notice, and what
 * the owner reads names the peer, how much there is, and the command to run.
 */
import { describe, expect, it } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import { GUARD_REASONS, HOLD_REASONS, type HoldReason } from '../../src/core/hold.ts';
import type { NoticeFacts, HeldCount } from '../../src/core/notice-facts.ts';
import { NOTICE_KINDS, NOTICE_LIMITS, tellAgainMs } from '../../src/core/notice.ts';
import { noticesOf } from '../../src/core/notices-of.ts';
import { PEER_STATES, type PeerName } from '../../src/core/peer.ts';

const NOW = Date.UTC(2026, 0, 10, 12, 30, 45);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const BOB = 'bob' as PeerName;
const CAROL = 'carol' as PeerName;
const GUARD = GUARD_REASONS;

const NOTHING: NoticeFacts = {
  waiting: [],
  ended: [],
  unsent: [],
  peers: [],
  grants: [],
  nodeKeyExpiresAt: null,
  online: new Set(),
  gatewayAwaySince: null,
};

const of = (facts: Partial<NoticeFacts>) => noticesOf({ ...NOTHING, ...facts }, NOW);
const kindsOf = (facts: Partial<NoticeFacts>) => of(facts).map(({ kind }) => kind);

function waits(over: Partial<HeldCount> = {}): HeldCount {
  return { peer: BOB, place: 'here', reason: 'grant', count: 1, ...over };
}

it('is nothing when nobody is needed', () => {
  expect(of({})).toEqual([]);
  const peers = [{ name: BOB, state: 'active' as const, expiresAt: null }];
  const grants = [{ direction: 'outbound' as const, peer: BOB, alias: 'any' as const, expiresAt: null }];
  expect(of({ peers, grants, online: new Set([BOB]) })).toEqual([]);
});

describe('what waits for a person', () => {
  it('is a hold when a grant says so, one for a peer', () => {
    expect(of({ waiting: [waits(), waits({ peer: CAROL, count: 3 })] })).toEqual([
      {
        kind: 'hold',
        subject: 'bob',
        peer: BOB,
        text: 'bob: 1 message waits for you to look at. Run: agent-peer held list',
      },
      {
        kind: 'hold',
        subject: 'carol',
        peer: CAROL,
        text: 'carol: 3 messages wait for you to look at. Run: agent-peer held list',
      },
    ]);
  });

  it('is told apart where it looks like a secret, and shows none', () => {
    const secret = waits({ reason: 'looks-secret', count: 2 });
    expect(of({ waiting: [waits(), secret] }).map(({ kind, text }) => [kind, text])).toEqual([
      [
        'hold',
        'bob: 3 messages wait for you to look at (what looks like a secret: 2). Run: agent-peer held list',
      ],
    ]);
    expect(of({ waiting: [{ ...secret, place: 'peer' }] })).toEqual([]);
  });

  it.each(GUARD)('is a budget that is spent when the guard says so: %s', (reason) => {
    expect(of({ waiting: [waits({ reason })] })).toEqual([
      {
        kind: 'budget-spent',
        subject: 'bob',
        peer: BOB,
        text: `bob: the loop guard has stopped the agents (${reason}), and 1 message waits for you. Run: agent-peer held list`,
      },
    ]);
  });

  it.each(GUARD)('is the matter of the other owner when it is held there: %s', (reason) => {
    expect(of({ waiting: [waits({ reason, place: 'peer', count: 2 })] })).toEqual([
      {
        kind: 'budget-spent-at-peer',
        subject: 'bob',
        peer: BOB,
        text: `bob: the loop guard has stopped the agents there (${reason}), and 2 messages wait for its owner. Run: agent-peer messages`,
      },
    ]);
  });

  it('is nothing to us when the owner over there looks at all of it', () => {
    expect(of({ waiting: [waits({ place: 'peer' })] })).toEqual([]);
  });

  it('is one notice for all reasons of the guard, and another for those of a grant', () => {
    const reasons: readonly HoldReason[] = ['hop-limit', 'grant', 'turns-per-hour', 'hop-limit'];
    const notices = of({ waiting: reasons.map((reason) => waits({ reason, count: 2 })) });
    expect(notices.map(({ kind, text }) => [kind, text])).toEqual([
      ['hold', expect.stringContaining('2 messages wait')],
      ['budget-spent', expect.stringContaining('(hop-limit, turns-per-hour), and 6 messages wait')],
    ]);
  });
});

describe('what ended badly', () => {
  it('is told by peer and by how it ended', () => {
    const ended = [
      { peer: BOB, state: 'uncertain' as const, count: 2 },
      { peer: BOB, state: 'expired' as const, count: 1 },
    ];
    expect(of({ ended })).toEqual([
      {
        kind: 'expired',
        subject: 'bob',
        peer: BOB,
        text: 'bob: 1 message ended because the time was over. Run: agent-peer messages',
      },
      {
        kind: 'uncertain',
        subject: 'bob',
        peer: BOB,
        text: 'bob: nobody can tell whether 2 messages came to be read. Look there before it is sent again. Run: agent-peer messages',
      },
    ]);
  });
});

describe('a peer that is away', () => {
  const away = (ms: number) => ({ unsent: [{ peer: BOB, count: 2, since: NOW - ms }] });

  it('is told of when messages have waited for it for six hours', () => {
    expect(of(away(6 * HOUR - 1))).toEqual([]);
    expect(of(away(6 * HOUR))).toEqual([
      {
        kind: 'peer-away',
        subject: 'bob',
        peer: BOB,
        text: 'bob: it is away; 2 messages wait, the first since 2026-01-10 06:30 UTC. Run: agent-peer status',
      },
    ]);
  });

  it('is told apart from one whose node is there', () => {
    const [notice] = of({ ...away(DAY), online: new Set([BOB]) });
    expect(notice?.text).toContain('its node is there, but takes no messages');
    const [other] = of({ ...away(DAY), online: new Set([CAROL]) });
    expect(other?.text).toContain('it is away');
  });
});

describe('a credential near its end', () => {
  const peers = (expiresAt: number | null) => [{ name: BOB, state: 'active' as const, expiresAt }];
  const grant = (direction: 'inbound' | 'outbound', peer = BOB) => ({
    direction,
    peer,
    alias: 'handoff' as Alias,
    expiresAt: NOW + HOUR,
  });

  it.each([
    ['more than seven days before it', 7 * DAY + 1, false],
    ['seven days before it', 7 * DAY, true],
    ['just before it', 1, true],
    ['at it', 0, false],
    ['after it', -DAY, false],
  ])('is told of from seven days before until then: %s', (_when, ms, isTold) => {
    expect(kindsOf({ peers: peers(NOW + ms) })).toEqual(isTold ? ['credential-ending'] : []);
    expect(kindsOf({ nodeKeyExpiresAt: NOW + ms })).toEqual(isTold ? ['credential-ending'] : []);
  });

  it('is named, each by itself', () => {
    const grants = [grant('inbound'), grant('outbound')];
    const found = of({ peers: peers(NOW + HOUR), grants, nodeKeyExpiresAt: NOW + DAY });
    expect(found.map(({ subject, peer, text }) => [subject, peer, text])).toEqual([
      ['peer bob', BOB, 'bob: the pairing ends at 2026-01-10 13:30 UTC. Run: agent-peer peers show bob'],
      [
        'grant inbound bob handoff',
        BOB,
        'bob: the inbound grant of handoff ends at 2026-01-10 13:30 UTC. Run: agent-peer grants list bob',
      ],
      [
        'grant outbound bob handoff',
        BOB,
        'bob: the outbound grant of handoff ends at 2026-01-10 13:30 UTC. Run: agent-peer grants list bob',
      ],
      [
        'node',
        null,
        "The tailnet key of this node ends at 2026-01-11 12:30 UTC, and then no peer reaches it. Renew it, or disable its expiry, in the tailnet's admin console",
      ],
    ]);
  });

  it.each(PEER_STATES)('is told of only for a peer that may do something: %s', (state) => {
    const all = { peers: [{ name: BOB, state, expiresAt: NOW + HOUR }], grants: [grant('inbound')] };
    expect(of(all)).toHaveLength(state === 'active' ? 2 : 0);
  });

  it('is not told of for a grant of nobody', () => {
    expect(of({ peers: peers(null), grants: [grant('inbound', CAROL)] })).toEqual([]);
  });
});

describe('a gateway that is away', () => {
  it('is told of after an hour', () => {
    expect(of({ gatewayAwaySince: NOW - HOUR + 1 })).toEqual([]);
    expect(of({ gatewayAwaySince: NOW - HOUR })).toEqual([
      {
        kind: 'gateway-away',
        subject: 'gateway',
        peer: null,
        text: 'The gateway is away since 2026-01-10 11:30 UTC; what peers send is kept. Run: agent-peer status',
      },
    ]);
  });
});

it('has each kind, and no two notices of one kind and subject', () => {
  const reasons = HOLD_REASONS.flatMap((reason) =>
    (['here', 'peer'] as const).map((place) => waits({ reason, place })),
  );
  const notices = of({
    waiting: reasons,
    ended: [
      { peer: BOB, state: 'expired', count: 1 },
      { peer: BOB, state: 'uncertain', count: 1 },
    ],
    unsent: [{ peer: BOB, count: 1, since: 0 }],
    nodeKeyExpiresAt: NOW + NOTICE_LIMITS.endingMs,
    gatewayAwaySince: 0,
  });
  expect(new Set(notices.map(({ kind }) => kind))).toEqual(new Set(NOTICE_KINDS));
  expect(notices).toHaveLength(NOTICE_KINDS.length);
});

describe('the pause before a notice is told again', () => {
  it('grows from a minute to an hour, less up to half of it by chance', () => {
    const longest = [0, 1, 2, 5, 6, 7, 1000].map((attempts) => tellAgainMs(attempts, 1) / MINUTE);
    expect(longest).toEqual([1, 2, 4, 32, 60, 60, 60]);
    expect(tellAgainMs(3, 0)).toBe(tellAgainMs(3, 1) / 2);
  });
});
