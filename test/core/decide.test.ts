import { describe, expect, it } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import { CLOCK_TOLERANCE_MS, decide } from '../../src/core/decide.ts';
import { OPERATIONS, type DenyReason, type Operation } from '../../src/core/decision.ts';
import type { Credential, Facts, Usage } from '../../src/core/facts.ts';
import { GRANT_OPERATIONS } from '../../src/core/grant.ts';
import type { NodeId, Peer, PeerName, TokenDigest } from '../../src/core/peer.ts';
import type { Policy } from '../../src/core/policy.ts';
import { inbound, NOW, outbound, peerNamed, policyWith } from './sample-policy.ts';

const bob = peerNamed('bob');
const carol = peerNamed('carol');
const dave = peerNamed('dave', { state: 'revoked' });
const erin = peerNamed('erin', { expiresAt: NOW });

const grants = {
  handoff: inbound('bob', 'handoff'),
  inbox: inbound('bob', 'inbox', { operations: ['message-send'], expiresAt: NOW + 1 }),
  ended: inbound('bob', 'ended', { expiresAt: NOW }),
  reading: inbound('bob', 'reading', { operations: ['task-read', 'task-cancel'] }),
  nothing: inbound('bob', 'nothing', { operations: [] }),
};
const policy = policyWith({
  peers: [bob, carol, dave, erin],
  grants: [
    ...Object.values(grants),
    ...['dave', 'erin'].flatMap((peer) => [inbound(peer, 'handoff'), outbound(peer, 'any')]),
    inbound('carol', 'desk'),
    outbound('bob', 'any'),
    outbound('bob', 'ended', { expiresAt: NOW }),
    outbound('carol', 'desk'),
    outbound('carol', 'ended', { expiresAt: NOW }),
  ],
});

const NOTHING_YET: Usage = { underGrant: 0, fromPeer: 0, fromAll: 0 };
const nobody: Credential = { presented: null, nodeId: null };
const of = (peer: Peer): Credential => ({ presented: peer.tokenDigest, nodeId: peer.nodeId });

function request(
  operation: Operation,
  who: Credential,
  alias: string | null,
  usage: Usage | null = NOTHING_YET,
): Facts {
  const named = alias as Alias | null;
  switch (operation) {
    case 'message-send':
      return { ...who, operation, alias: named, usage, agent: null };
    case 'task-read':
    case 'task-cancel':
      return { ...who, operation, alias: named };
    case 'message-submit':
      return { operation, peer: 'bob' as PeerName, alias: named };
    case 'liveness-read':
    case 'health-read':
    case 'card-read':
      return { ...who, operation };
  }
}

/** `allowed`, or why not. */
function answer(facts: Facts, by: Policy = policy, now = NOW): 'allowed' | DenyReason {
  const decision = decide(facts, by, now);
  return decision.allow ? 'allowed' : decision.reason;
}

describe('who calls', () => {
  const stranger = 'nstrangerCNTRL' as NodeId;
  const withToken = (digest: string): Credential => ({ ...of(bob), presented: digest as TokenDigest });

  // Told for: liveness, health, card, whatever needs a grant.
  it.each<[string, Credential, string]>([
    ['nobody', nobody, 'node-unknown token-missing node-unknown token-missing'],
    ['a stranger', { ...nobody, nodeId: stranger }, 'allowed token-missing node-not-paired token-missing'],
    ['bob, no token', { ...of(bob), presented: null }, 'allowed token-missing allowed token-missing'],
    ['bob, unknown token', withToken('f'.repeat(64)), 'allowed token-unknown allowed token-unknown'],
    [
      'bob, digest cut',
      withToken(bob.tokenDigest.slice(0, 63)),
      'allowed token-unknown allowed token-unknown',
    ],
    ['bob, digest and more', withToken(`${bob.tokenDigest}0`), 'allowed token-unknown allowed token-unknown'],
    ['bob, empty digest', withToken(''), 'allowed token-unknown allowed token-unknown'],
    ['bob, no node', { ...of(bob), nodeId: null }, 'node-unknown node-unknown node-unknown node-unknown'],
    [
      'bob, carol’s node',
      { ...of(bob), nodeId: carol.nodeId },
      'allowed node-mismatch allowed node-mismatch',
    ],
    ['bob', of(bob), 'allowed allowed allowed allowed'],
    ['dave, revoked', of(dave), 'allowed peer-revoked node-not-paired peer-revoked'],
    ['erin, expired', of(erin), 'allowed peer-expired node-not-paired peer-expired'],
  ])('%s', (_, who, told) => {
    const [liveness, health, card, granted] = told.split(' ');
    expect([
      answer(request('liveness-read', who, null)),
      answer(request('health-read', who, null)),
      answer(request('card-read', who, null)),
      ...GRANT_OPERATIONS.map((operation) => answer(request(operation, who, 'handoff'))),
    ]).toEqual([liveness, health, card, granted, granted, granted]);
  });

  it('is found by the whole digest, wherever it differs and whoever stands first', () => {
    for (const at of [0, 31, 63]) {
      const other = bob.tokenDigest.charAt(at) === '0' ? '1' : '0';
      const presented =
        `${bob.tokenDigest.slice(0, at)}${other}${bob.tokenDigest.slice(at + 1)}` as TokenDigest;
      expect(answer(request('health-read', { ...of(bob), presented }, null))).toBe('token-unknown');
    }
    for (const peers of [
      [bob, carol],
      [carol, bob],
    ]) {
      expect(decide(request('health-read', of(bob), null), policyWith({ peers }), NOW)).toMatchObject({
        peer: bob,
      });
    }
  });

  it('is named in a refusal once the token is known, for the owner’s log', () => {
    expect(decide(request('health-read', { ...of(bob), nodeId: null }, null), policy, NOW)).toEqual({
      allow: false,
      reason: 'node-unknown',
      peer: bob,
    });
    expect(decide(request('health-read', nobody, null), policy, NOW)).toMatchObject({ peer: null });
  });
});

describe('what a grant allows', () => {
  // Told for: message-send, task-read, task-cancel.
  it.each<[string | null, string]>([
    ['handoff', 'allowed allowed allowed'],
    ['inbox', 'allowed operation-not-granted operation-not-granted'],
    ['reading', 'operation-not-granted allowed allowed'],
    ['nothing', 'operation-not-granted operation-not-granted operation-not-granted'],
    ['ended', 'grant-expired grant-expired grant-expired'],
    ['desk', 'alias-not-granted alias-not-granted alias-not-granted'],
    ['other', 'alias-not-granted alias-not-granted alias-not-granted'],
    ['any', 'alias-not-granted alias-not-granted alias-not-granted'],
    ['__proto__', 'alias-not-granted alias-not-granted alias-not-granted'],
    ['', 'alias-not-granted alias-not-granted alias-not-granted'],
    [null, 'alias-not-granted alias-not-granted alias-not-granted'],
  ])('bob, alias %j', (alias, told) => {
    const operations = ['message-send', 'task-read', 'task-cancel'] as const;
    expect(operations.map((operation) => answer(request(operation, of(bob), alias)))).toEqual(
      told.split(' '),
    );
  });

  it.each(GRANT_OPERATIONS)('%s: the peer and the grant that allow it', (operation) => {
    expect(decide(request(operation, of(bob), 'handoff'), policy, NOW)).toEqual({
      allow: true,
      operation,
      peer: bob,
      grant: grants.handoff,
    });
  });

  it.each<[string | null, string]>([
    [null, 'allowed'],
    ['main', 'allowed'],
    ['work', 'alias-not-granted'],
    ['Main', 'alias-not-granted'],
    ['', 'alias-not-granted'],
  ])('to a caller who says that the session is of agent %j: %s', (agent, expected) => {
    const facts = { ...of(bob), alias: 'handoff' as Alias, usage: NOTHING_YET, agent };
    expect(answer({ ...facts, operation: 'message-send' })).toBe(expected);
  });

  it('is what is listed in the card: the live grants that a message can be sent under', () => {
    expect(decide(request('card-read', of(bob), null), policy, NOW)).toEqual({
      allow: true,
      operation: 'card-read',
      peer: bob,
      grants: [grants.handoff, grants.inbox],
    });
    const mayOnlyRead = inbound('bob', 'old', { operations: ['task-read', 'task-cancel'] });
    const reading = policyWith({ peers: [bob], grants: [mayOnlyRead] });
    expect(decide(request('card-read', of(bob), null), reading, NOW)).toMatchObject({ grants: [] });
    expect(decide(request('card-read', of(bob), null), policyWith({ peers: [bob] }), NOW)).toMatchObject({
      grants: [],
    });
  });

  it('shows in the card of the active one of two peers that had the same node', () => {
    const before = peerNamed('bob-before', { state: 'revoked', nodeId: bob.nodeId });
    const both = policyWith({ peers: [before, bob], grants: [inbound('bob-before', 'desk')] });
    expect(decide(request('card-read', of(bob), null), both, NOW)).toMatchObject({ peer: bob, grants: [] });
  });

  it('is nothing for health and liveness, which need none', () => {
    const alone = policyWith({ peers: [bob] });
    expect(decide(request('health-read', of(bob), null), alone, NOW)).toEqual({
      allow: true,
      operation: 'health-read',
      peer: bob,
    });
    expect(decide(request('liveness-read', of(bob), null), alone, NOW)).toEqual({
      allow: true,
      operation: 'liveness-read',
      peer: null,
    });
  });
});

describe('how many messages', () => {
  const limited = policyWith({
    peers: [bob],
    grants: [inbound('bob', 'handoff', { sendsPerMinute: 2 }), inbound('bob', 'inbox')],
    limits: { sendsPerMinute: 5, totalSendsPerMinute: 9 },
  });
  it.each<[string, Usage | null, string]>([
    ['handoff', { underGrant: 1, fromPeer: 4, fromAll: 8 }, 'allowed'],
    ['handoff', { underGrant: 2, fromPeer: 2, fromAll: 2 }, 'sends-exceeded'],
    ['inbox', { underGrant: 4, fromPeer: 4, fromAll: 8 }, 'allowed'],
    ['inbox', { underGrant: 0, fromPeer: 5, fromAll: 5 }, 'sends-exceeded'],
    ['inbox', { underGrant: 0, fromPeer: 0, fromAll: 9 }, 'total-sends-exceeded'],
    ['inbox', { underGrant: 0, fromPeer: 5, fromAll: 9 }, 'sends-exceeded'],
    ['inbox', { underGrant: NaN, fromPeer: 0, fromAll: 0 }, 'sends-exceeded'],
    ['inbox', { underGrant: 0, fromPeer: NaN, fromAll: 0 }, 'sends-exceeded'],
    ['inbox', { underGrant: 0, fromPeer: 0, fromAll: NaN }, 'total-sends-exceeded'],
    ['handoff', null, 'allowed'],
  ])('to %s after %j: %s', (alias, usage, expected) => {
    expect(answer(request('message-send', of(bob), alias, usage), limited)).toBe(expected);
  });
});

describe('from this machine to a peer', () => {
  it.each<[string | null, string | null, string]>([
    ['bob', 'handoff', 'allowed'],
    ['bob', 'ended', 'allowed'],
    ['bob', null, 'alias-not-granted'],
    ['carol', 'desk', 'allowed'],
    ['carol', 'ended', 'grant-expired'],
    ['carol', 'handoff', 'alias-not-granted'],
    ['carol', null, 'alias-not-granted'],
    ['dave', 'handoff', 'peer-revoked'],
    ['erin', 'handoff', 'peer-expired'],
    ['frank', 'handoff', 'peer-unknown'],
    [null, 'handoff', 'peer-unknown'],
  ])('to %s under %j: %s', (peer, alias, expected) => {
    const facts = {
      operation: 'message-submit',
      peer: peer as PeerName | null,
      alias: alias as Alias | null,
    } as const;
    expect(answer(facts)).toBe(expected);
  });

  it('says by which grant: the one for the alias before the one for any', () => {
    const desk = outbound('bob', 'desk', { hold: 'outbound' });
    const both = policyWith({ peers: [bob], grants: [outbound('bob', 'any'), desk] });
    const facts = (alias: string) =>
      ({ operation: 'message-submit', peer: bob.name, alias: alias as Alias }) as const;
    expect(decide(facts('desk'), both, NOW)).toEqual({
      allow: true,
      operation: 'message-submit',
      peer: bob,
      grant: desk,
    });
    expect(decide(facts('inbox'), both, NOW)).toMatchObject({ grant: { alias: 'any' } });
  });

  it('refuses a peer that was never granted anything', () => {
    const alone = policyWith({ peers: [bob] });
    expect(answer(request('message-submit', of(bob), 'handoff'), alone)).toBe('alias-not-granted');
  });
});

describe('the order of the questions', () => {
  it('is clock, token, node, peer, alias, grant, operation, agent, sends', () => {
    // Wrong in everything, and mended one thing after the other.
    let who: Credential = nobody;
    let peer = peerNamed('bob', { state: 'revoked', expiresAt: NOW });
    let grant = inbound('carol', 'handoff', { expiresAt: NOW, operations: [], sendsPerMinute: 1 });
    let agent = 'work';
    let usage: Usage = { underGrant: 1, fromPeer: 1, fromAll: 1 };
    let now = NOW - CLOCK_TOLERANCE_MS - 1;
    const ask = () => {
      const alias = 'handoff' as Alias;
      const limits = { sendsPerMinute: 1, totalSendsPerMinute: 1 };
      const by = policyWith({ peers: [peer, carol], grants: [grant], limits });
      return answer({ ...who, operation: 'message-send', alias, usage, agent }, by, now);
    };
    const mends = [
      () => (now = NOW),
      () => (who = { ...who, presented: '0'.repeat(64) as TokenDigest }),
      () => (who = { ...who, presented: bob.tokenDigest }),
      () => (who = { ...who, nodeId: carol.nodeId }),
      () => (who = of(bob)),
      () => (peer = { ...peer, state: 'active' }),
      () => (peer = bob),
      () => (grant = { ...grant, peer: bob.name }),
      () => (grant = { ...grant, expiresAt: null }),
      () => (grant = { ...grant, operations: ['message-send'] }),
      () => (agent = 'main'),
      () => (usage = { ...usage, underGrant: 0, fromPeer: 0 }),
      () => (usage = NOTHING_YET),
    ];
    const answers = mends.map((mend) => {
      const before = ask();
      mend();
      return before;
    });
    expect([...answers, ask()]).toEqual([
      'clock-behind',
      'token-missing',
      'token-unknown',
      'node-unknown',
      'node-mismatch',
      'peer-revoked',
      'peer-expired',
      'alias-not-granted',
      'grant-expired',
      'operation-not-granted',
      'alias-not-granted',
      'sends-exceeded',
      'total-sends-exceeded',
      'allowed',
    ]);
  });
});

describe('the clock', () => {
  const ending = policyWith({
    peers: [peerNamed('bob', { expiresAt: NOW + 2000 }), carol],
    grants: [
      inbound('bob', 'handoff', { expiresAt: NOW + 1000 }),
      outbound('bob', 'any', { expiresAt: NOW + 1000 }),
    ],
  });

  it.each([
    [999, 'allowed', 'allowed', 'allowed'],
    [1000, 'allowed', 'grant-expired', 'grant-expired'],
    [1999, 'allowed', 'grant-expired', 'grant-expired'],
    [2000, 'peer-expired', 'peer-expired', 'peer-expired'],
  ])('ends grants and peers at their instant: after %d ms', (ms, health, send, submit) => {
    expect([
      answer(request('health-read', of(bob), null), ending, NOW + ms),
      answer(request('message-send', of(bob), 'handoff'), ending, NOW + ms),
      answer(request('message-submit', of(bob), 'handoff'), ending, NOW + ms),
    ]).toEqual([health, send, submit]);
  });

  it.each(OPERATIONS)('%s: nothing while the clock is far behind, whoever asks', (operation) => {
    const facts = request(operation, of(bob), 'handoff');
    expect(decide(facts, policy, NOW - CLOCK_TOLERANCE_MS - 1)).toEqual({
      allow: false,
      reason: 'clock-behind',
      peer: null,
    });
    expect(answer(facts, policy, NOW - CLOCK_TOLERANCE_MS)).toBe('allowed');
    expect(answer(facts, policy, NaN)).toBe('clock-behind');
    expect(answer(facts, policyWith({ peers: [bob], asOf: NaN }))).toBe('clock-behind');
  });

  it('forgives two minutes, and no more', () => {
    expect(CLOCK_TOLERANCE_MS).toBe(120_000);
  });

  it('brings nothing back while it is a little behind', () => {
    const seen = policyWith({
      peers: [bob, erin],
      grants: [inbound('bob', 'handoff', { expiresAt: NOW })],
    });
    expect(answer(request('task-read', of(bob), 'handoff'), seen, NOW - 1)).toBe('grant-expired');
    expect(answer(request('health-read', of(erin), null), seen, NOW - 1)).toBe('peer-expired');
  });

  it('counts an instant that is no number as past', () => {
    const odd = policyWith({
      peers: [peerNamed('bob', { expiresAt: NaN }), carol],
      grants: [inbound('carol', 'desk', { expiresAt: NaN })],
    });
    expect(answer(request('health-read', of(bob), null), odd)).toBe('peer-expired');
    expect(answer(request('message-send', of(carol), 'desk'), odd)).toBe('grant-expired');
  });
});
