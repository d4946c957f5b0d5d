import { describe, expect, it } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import { CLOCK_TOLERANCE_MS, decide } from '../../src/core/decide.ts';
import { OPERATIONS, type DenyReason, type Operation } from '../../src/core/decision.ts';
import type { Credential, Facts, Usage } from '../../src/core/facts.ts';
import { GRANT_OPERATIONS, type Grant, type Hold } from '../../src/core/grant.ts';
import type { Load } from '../../src/core/guard.ts';
import type { HoldReason } from '../../src/core/hold.ts';
import type { Invite } from '../../src/core/invite.ts';
import type { NodeId, Peer, PeerName, TokenDigest } from '../../src/core/peer.ts';
import type { Policy } from '../../src/core/policy.ts';
import { turnObstacle } from '../../src/core/turn-obstacle.ts';
import { inbound, inviteFor, NOW, outbound, peerNamed, policyWith, secondDigest } from './sample-policy.ts';
import { NO_LOAD, ROOMY } from '../harness/budgets.ts';

const bob = peerNamed('bob');
const carol = peerNamed('carol');
const dave = peerNamed('dave', { state: 'revoked' });
const erin = peerNamed('erin', { expiresAt: NOW });
const frank = peerNamed('frank', { state: 'provisional' });
const grace = peerNamed('grace', { state: 'paused' });
const overlapping = (name: string, until: number | null) =>
  peerNamed(name, { overlap: { digest: secondDigest(name), until } });
const heidi = overlapping('heidi', null);
const ivan = overlapping('ivan', NOW + 1);
const judy = overlapping('judy', NOW);

const grants = {
  handoff: inbound('bob', 'handoff'),
  inbox: inbound('bob', 'inbox', { operations: ['message-send'], expiresAt: NOW + 1 }),
  ended: inbound('bob', 'ended', { expiresAt: NOW }),
  reading: inbound('bob', 'reading', { operations: ['task-read', 'task-cancel'] }),
  nothing: inbound('bob', 'nothing', { operations: [] }),
};
const policy = policyWith({
  peers: [bob, carol, dave, erin, frank, grace, heidi, ivan, judy],
  grants: [
    ...Object.values(grants),
    ...['dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy'].flatMap((peer) => [
      inbound(peer, 'handoff'),
      outbound(peer, 'any'),
    ]),
    inbound('carol', 'desk'),
    outbound('bob', 'any'),
    outbound('bob', 'ended', { expiresAt: NOW }),
    outbound('carol', 'desk'),
    outbound('carol', 'ended', { expiresAt: NOW }),
  ],
});

const NOTHING_YET: Usage = { underGrant: 0, fromPeer: 0, fromAll: 0 };
/** Of no invite here. */
const NO_SECRET = 'f'.repeat(64) as TokenDigest;
const nobody: Credential = { presented: null, nodeId: null };
const of = (peer: Peer): Credential => ({ presented: peer.tokenDigest, nodeId: peer.nodeId });
const second = (peer: Peer): Credential => ({ ...of(peer), presented: secondDigest(peer.name) });

function request(
  operation: Operation,
  who: Credential,
  alias: string | null,
  usage: Usage | null = NOTHING_YET,
): Facts {
  const named = alias as Alias | null;
  switch (operation) {
    case 'message-send':
      return { ...who, operation, alias: named, usage, load: NO_LOAD, agent: null };
    case 'task-read':
    case 'task-cancel':
      return { ...who, operation, alias: named };
    case 'message-submit':
      return { operation, peer: 'bob' as PeerName, alias: named, looksSecret: false };
    case 'liveness-read':
    case 'health-read':
    case 'card-read':
    case 'pairing-continue':
    case 'token-rotate':
      return { ...who, operation };
    case 'invite-claim':
      return { ...who, operation, secret: NO_SECRET, invites: [] };
  }
}

const open = inviteFor('kate');
const kate = peerNamed('kate').nodeId;

function claim(
  nodeId: NodeId | null,
  invites: readonly Invite[],
  secret = open.secretDigest,
): Facts<'invite-claim'> {
  return { operation: 'invite-claim', presented: null, nodeId, secret, invites };
}

/** `allowed`, or why not. */
function answer(facts: Facts, by: Policy = policy, now = NOW): 'allowed' | DenyReason {
  const decision = decide(facts, by, now);
  return decision.allow ? 'allowed' : decision.reason;
}

describe('who calls', () => {
  const stranger = 'nstrangerCNTRL' as NodeId;
  const REFUSED_EVERYWHERE = 'node-unknown node-unknown node-unknown node-unknown';
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
    ['frank, provisional', of(frank), 'allowed peer-provisional node-not-paired peer-provisional'],
    ['grace, paused', of(grace), 'allowed peer-paused node-not-paired peer-paused'],
    ['heidi, first token', of(heidi), 'allowed allowed allowed allowed'],
    ['heidi, second token', second(heidi), 'allowed allowed allowed allowed'],
    ['heidi, second token, no node', { ...second(heidi), nodeId: null }, REFUSED_EVERYWHERE],
    [
      'heidi, second token, bob’s node',
      { ...second(heidi), nodeId: bob.nodeId },
      'allowed node-mismatch allowed node-mismatch',
    ],
    ['ivan, a token that ends in a moment', second(ivan), 'allowed allowed allowed allowed'],
    ['judy, a token that has ended', second(judy), 'allowed token-unknown allowed token-unknown'],
    ['judy, the other token', of(judy), 'allowed allowed allowed allowed'],
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
      ...(operation === 'message-send' ? { hold: null } : {}),
    });
  });

  it.each<[Hold, Partial<Load> | null, HoldReason | null]>([
    ['none', {}, null],
    ['outbound', {}, null],
    ['inbound', {}, 'grant'],
    ['both', {}, 'grant'],
    ['inbound', { hop: 5 }, 'grant'],
    ['none', { hop: 5 }, 'hop-limit'],
    ['none', { lastHour: 20 }, 'turns-per-hour'],
    ['none', { lastDay: 60 }, 'turns-per-day'],
    ['none', { ofConversation: 30 }, 'turns-per-conversation'],
    ['none', { bytesLastDay: 4_194_304 }, 'bytes-per-day'],
    ['both', null, null],
  ])('a message under hold %s with the load %j: held for %s', (hold, load, expected) => {
    const held = policyWith({ peers: [bob], grants: [inbound('bob', 'handoff', { hold })] });
    const facts = { ...of(bob), alias: 'handoff' as Alias, usage: null, agent: null };
    const whole = load === null ? null : { ...NO_LOAD, ...load };
    expect(decide({ operation: 'message-send', ...facts, load: whole }, held, NOW)).toMatchObject({
      allow: true,
      hold: expected,
    });
  });

  it.each<[string | null, string]>([
    [null, 'allowed'],
    ['main', 'allowed'],
    ['work', 'alias-not-granted'],
    ['Main', 'alias-not-granted'],
    ['', 'alias-not-granted'],
  ])('to a caller who says that the session is of agent %j: %s', (agent, expected) => {
    const facts = { ...of(bob), alias: 'handoff' as Alias, usage: NOTHING_YET, load: NO_LOAD, agent };
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
    limits: { sendsPerMinute: 5, totalSendsPerMinute: 9, budgets: ROOMY },
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
    ['frank', 'handoff', 'peer-provisional'],
    ['grace', 'handoff', 'peer-paused'],
    ['heidi', 'handoff', 'allowed'],
    ['mallory', 'handoff', 'peer-unknown'],
    [null, 'handoff', 'peer-unknown'],
  ])('to %s under %j: %s', (peer, alias, expected) => {
    const facts = {
      operation: 'message-submit',
      peer: peer as PeerName | null,
      alias: alias as Alias | null,
      looksSecret: false,
    } as const;
    expect(answer(facts)).toBe(expected);
  });

  it('says by which grant: the one for the alias before the one for any', () => {
    const desk = outbound('bob', 'desk', { hold: 'outbound' });
    const both = policyWith({ peers: [bob], grants: [outbound('bob', 'any'), desk] });
    const facts = (alias: string) =>
      ({ operation: 'message-submit', peer: bob.name, alias: alias as Alias, looksSecret: false }) as const;
    expect(decide(facts('desk'), both, NOW)).toEqual({
      allow: true,
      operation: 'message-submit',
      peer: bob,
      grant: desk,
      hold: 'grant',
      keepsSecrets: false,
    });
    expect(decide(facts('inbox'), both, NOW)).toMatchObject({ grant: { alias: 'any' }, hold: null });
  });

  it('holds what looks like a secret under every alias of a peer, where one grant with it says so', () => {
    const ending = { direction: 'inbound', hold: 'secrets', expiresAt: NOW - 1 } as const;
    const [any, desk] = [outbound('bob', 'any'), outbound('bob', 'desk', { hold: 'outbound' })];
    const saying = [outbound('bob', 'any', { hold: 'secrets' }), inbound('bob', 'handoff', ending)];
    const others = [outbound('carol', 'any', { hold: 'secrets' }), inbound('carol', 'handoff', ending)];
    const holdOf = (alias: string, looksSecret: boolean, grants: readonly Grant[]) =>
      decide(
        { operation: 'message-submit', peer: bob.name, alias: alias as Alias, looksSecret },
        policyWith({ peers: [bob, carol], grants }),
        NOW,
      );
    for (const one of saying) {
      const grants = [...(one.alias === 'any' ? [] : [any]), one, desk];
      const kept = { allow: true, keepsSecrets: true } as const;
      expect(holdOf('inbox', true, grants)).toMatchObject({ ...kept, hold: 'looks-secret' });
      expect(holdOf('inbox', false, grants)).toMatchObject({ ...kept, hold: null });
      expect(holdOf('desk', true, grants)).toMatchObject({ ...kept, hold: 'grant' });
      expect(holdOf('desk', false, grants)).toMatchObject({ ...kept, hold: 'grant' });
    }
    expect(holdOf('inbox', true, [any, ...others])).toMatchObject({ hold: null, keepsSecrets: false });
  });

  it('to a peer of mode send-back is for its default alias alone, whatever the grant says', () => {
    const stock: Peer = { ...bob, replies: { mode: 'send-back', port: 18_789 } };
    const policy = policyWith({
      peers: [stock],
      grants: [outbound('bob', 'any'), outbound('bob', 'handoff')],
    });
    expect(answer(request('message-submit', of(stock), 'inbox'), policy)).toBe('allowed');
    expect(answer(request('message-submit', of(stock), 'handoff'), policy)).toBe('alias-not-granted');
  });

  it('refuses a peer that was never granted anything', () => {
    const alone = policyWith({ peers: [bob] });
    expect(answer(request('message-submit', of(bob), 'handoff'), alone)).toBe('alias-not-granted');
  });
});

describe('a pairing, and the tokens of a peer', () => {
  const stranger: Credential = { presented: null, nodeId: 'nstrangerCNTRL' as NodeId };
  // Told for: pairing-continue, token-rotate.
  it.each<[string, Credential, string]>([
    ['bob', of(bob), 'allowed allowed'],
    ['frank, provisional', of(frank), 'allowed peer-provisional'],
    ['grace, paused', of(grace), 'peer-paused peer-paused'],
    ['dave, revoked', of(dave), 'peer-revoked peer-revoked'],
    ['erin, expired', of(erin), 'peer-expired peer-expired'],
    ['heidi, second token', second(heidi), 'allowed allowed'],
    ['ivan, a token that ends in a moment', second(ivan), 'allowed allowed'],
    ['judy, a token that has ended', second(judy), 'token-unknown token-unknown'],
    ['a stranger', stranger, 'token-missing token-missing'],
    ['frank, no token', { ...of(frank), presented: null }, 'token-missing token-missing'],
    ['frank, no node', { ...of(frank), nodeId: null }, 'node-unknown node-unknown'],
    ['frank, bob’s node', { ...of(frank), nodeId: bob.nodeId }, 'node-mismatch node-mismatch'],
    ['bob’s token at frank', { ...of(bob), nodeId: frank.nodeId }, 'node-mismatch node-mismatch'],
  ])('%s', (_, who, told) => {
    const operations = ['pairing-continue', 'token-rotate'] as const;
    expect(operations.map((operation) => answer(request(operation, who, null)))).toEqual(told.split(' '));
  });

  it.each(['pairing-continue', 'token-rotate'] as const)('%s: the peer whose it is', (operation) => {
    const decision = decide(request(operation, second(heidi), null), policy, NOW);
    expect(decision).toEqual({ allow: true, operation, peer: heidi });
    const denied = decide(request(operation, of(grace), null), policy, NOW);
    expect(denied).toEqual({ allow: false, reason: 'peer-paused', peer: grace });
  });

  it('goes on to its end, though the time of the peer is over before it is complete', () => {
    const late = policyWith({ peers: [{ ...frank, expiresAt: NOW }] });
    expect(answer(request('pairing-continue', of(frank), null), late)).toBe('allowed');
    expect(answer(request('health-read', of(frank), null), late)).toBe('peer-provisional');
  });

  it('keeps a token that was good until its end from coming back with the clock', () => {
    const seen = policyWith({ peers: [ivan], asOf: NOW + 1 });
    expect(answer(request('health-read', second(ivan), null), seen, NOW)).toBe('token-unknown');
  });
});

describe('an invite', () => {
  it.each<[string, NodeId | null, Partial<Invite>, string]>([
    ['from anywhere, at a node that is nobody’s', kate, {}, 'allowed'],
    ['for this node', kate, { nodeId: kate }, 'allowed'],
    ['for another node', kate, { nodeId: bob.nodeId }, 'invite-other-node'],
    ['used by another node', kate, { claimedBy: bob.nodeId }, 'invite-used'],
    ['used by this node, which did not hear the answer', kate, { claimedBy: kate }, 'allowed'],
    ['used by this node, and over since', kate, { claimedBy: kate, expiresAt: NOW }, 'invite-expired'],
    ['that ends in a moment', kate, { expiresAt: NOW + 1 }, 'allowed'],
    ['that has ended', kate, { expiresAt: NOW }, 'invite-expired'],
    ['without an end that makes sense', kate, { expiresAt: NaN }, 'invite-expired'],
    ['at a node that tailscaled does not know', null, {}, 'node-unknown'],
    ['at the node of a peer', bob.nodeId, {}, 'node-paired'],
    ['at the node of an expired one', erin.nodeId, {}, 'node-paired'],
    ['at the node of a paused one', grace.nodeId, {}, 'node-paired'],
    ['at the node of one that is paired just now', frank.nodeId, {}, 'node-paired'],
    ['at the node of a revoked one', dave.nodeId, {}, 'allowed'],
    ['for the one that is paired just now', frank.nodeId, { peer: frank.name }, 'allowed'],
    ['for one that is a peer already', bob.nodeId, { peer: bob.name }, 'invite-used'],
    ['for one that is paused', grace.nodeId, { peer: grace.name }, 'invite-used'],
    ['for one that was revoked', dave.nodeId, { peer: dave.name }, 'allowed'],
  ])('%s', (_, nodeId, over, expected) => {
    expect(answer(claim(nodeId, [{ ...open, ...over }]))).toBe(expected);
  });

  it('is found by its whole secret, wherever it stands', () => {
    const others = [inviteFor('liam'), inviteFor('mia', { claimedBy: bob.nodeId })];
    for (const invites of [
      [open, ...others],
      [...others, open],
    ])
      expect(decide(claim(kate, invites), policy, NOW)).toEqual({
        allow: true,
        operation: 'invite-claim',
        peer: null,
        invite: open,
      });
    for (const secret of ['', 'f'.repeat(64), open.secretDigest.slice(0, 63), `${open.secretDigest}0`])
      expect(answer(claim(kate, [open, ...others], secret as TokenDigest))).toBe('invite-unknown');
    expect(answer(claim(kate, []))).toBe('invite-unknown');
  });

  it('says nothing about any invite to who does not have its secret', () => {
    const spent = inviteFor('liam', { claimedBy: bob.nodeId, nodeId: bob.nodeId, expiresAt: 0 });
    expect(decide(claim(kate, [spent]), policy, NOW)).toEqual({
      allow: false,
      reason: 'invite-unknown',
      peer: null,
    });
  });

  it('is told why it is none in this order: its node, its use, its end, its peer', () => {
    const wrong = { ...open, nodeId: kate, claimedBy: kate, expiresAt: NOW };
    const asked = (over: Partial<Invite>) => answer(claim(bob.nodeId, [{ ...wrong, ...over }]));
    expect([
      asked({}),
      asked({ nodeId: null }),
      asked({ nodeId: null, claimedBy: null }),
      asked({ nodeId: null, claimedBy: null, expiresAt: NOW + 1 }),
    ]).toEqual(['invite-other-node', 'invite-used', 'invite-expired', 'node-paired']);
  });

  it('whose end has been seen does not come back with the clock', () => {
    const seen = policyWith({ asOf: open.expiresAt });
    expect(answer(claim(kate, [open]), seen, open.expiresAt - 1)).toBe('invite-expired');
    const far = open.expiresAt - CLOCK_TOLERANCE_MS - 1;
    expect(answer(claim(kate, [open]), seen, far)).toBe('clock-behind');
  });

  it('names the peer of the node that has one, for the owner’s log', () => {
    expect(decide(claim(bob.nodeId, [open]), policy, NOW)).toEqual({
      allow: false,
      reason: 'node-paired',
      peer: bob,
    });
  });
});

describe('a paused stack', () => {
  const paused: Policy = { ...policy, isPaused: true };

  it.each<[Operation, string]>([
    ['liveness-read', 'allowed'],
    ['health-read', 'stack-paused'],
    ['card-read', 'stack-paused'],
    ['message-send', 'stack-paused'],
    ['task-read', 'stack-paused'],
    ['task-cancel', 'stack-paused'],
    ['pairing-continue', 'allowed'],
    ['token-rotate', 'stack-paused'],
    ['message-submit', 'stack-paused'],
  ])('%s of an active peer: %s', (operation, told) => {
    const facts = request(operation, of(bob), 'handoff');
    expect(answer(facts)).toBe('allowed');
    expect(answer(facts, paused)).toBe(told);
    if (told !== 'allowed') expect(decide(facts, paused, NOW)).toMatchObject({ peer: bob });
  });

  it('makes no new peer, and tells so only who has the secret of an invite that is good', () => {
    const late = { ...open, expiresAt: NOW };
    expect(decide(claim(kate, [open]), paused, NOW)).toEqual({
      allow: false,
      reason: 'stack-paused',
      peer: null,
    });
    expect([
      answer(claim(kate, [open], NO_SECRET), paused),
      answer(claim(kate, [late]), paused),
      answer(claim(bob.nodeId, [open]), paused),
    ]).toEqual(['invite-unknown', 'invite-expired', 'node-paired']);
  });

  it('names the peer that a repeated claim has led to, for the owner’s log', () => {
    const invite = inviteFor('frank', { claimedBy: frank.nodeId });
    const facts = claim(frank.nodeId, [invite], invite.secretDigest);
    expect(answer(facts)).toBe('allowed');
    expect(decide(facts, paused, NOW)).toEqual({ allow: false, reason: 'stack-paused', peer: frank });
  });

  it('tells nothing of it to who is not known, and each peer its own standing first', () => {
    const ask = (who: Credential) => answer(request('health-read', who, null), paused);
    expect([nobody, { ...of(bob), nodeId: carol.nodeId }, of(dave), of(grace), of(frank)].map(ask)).toEqual([
      'token-missing',
      'node-mismatch',
      'peer-revoked',
      'peer-paused',
      'peer-provisional',
    ]);
    expect(answer(request('card-read', { ...nobody, nodeId: dave.nodeId }, null), paused)).toBe(
      'node-not-paired',
    );
  });
});

describe('the turn of a message that was accepted', () => {
  it.each<[string, DenyReason | null]>([
    ['bob', null],
    ['dave', 'peer-revoked'],
    ['erin', 'peer-expired'],
    ['frank', 'peer-provisional'],
    ['grace', 'peer-paused'],
    ['mallory', 'peer-unknown'],
  ])('of %s: %s', (name, reason) => {
    expect(turnObstacle(name as PeerName, policy, NOW)).toBe(reason);
    expect(turnObstacle(name as PeerName, { ...policy, isPaused: true }, NOW)).toBe(reason ?? 'stack-paused');
  });

  it('does not come back with the clock once its peer has expired', () => {
    const ending = policyWith({ peers: [peerNamed('bob', { expiresAt: NOW })], asOf: NOW });
    expect(turnObstacle(bob.name, ending, NOW - 60_000)).toBe('peer-expired');
    expect(turnObstacle(bob.name, { ...ending, asOf: NOW - 60_000 }, NOW - 60_000)).toBeNull();
    expect(turnObstacle(bob.name, { ...ending, asOf: NOW - 60_000 }, NOW)).toBe('peer-expired');
  });
});

describe('the order of the questions', () => {
  it('is clock, token, node, peer, stack, alias, grant, operation, agent, sends', () => {
    // Wrong in everything, and mended one thing after the other.
    let who: Credential = nobody;
    let peer = peerNamed('bob', { state: 'revoked', expiresAt: NOW });
    let grant = inbound('carol', 'handoff', { expiresAt: NOW, operations: [], sendsPerMinute: 1 });
    let agent = 'work';
    let usage: Usage = { underGrant: 1, fromPeer: 1, fromAll: 1 };
    let isPaused = true;
    let now = NOW - CLOCK_TOLERANCE_MS - 1;
    const ask = () => {
      const alias = 'handoff' as Alias;
      const limits = { sendsPerMinute: 1, totalSendsPerMinute: 1, budgets: ROOMY };
      const by = policyWith({ peers: [peer, carol], grants: [grant], limits, isPaused });
      return answer({ ...who, operation: 'message-send', alias, usage, load: NO_LOAD, agent }, by, now);
    };
    const mends = [
      () => (now = NOW),
      () => (who = { ...who, presented: '0'.repeat(64) as TokenDigest }),
      () => (who = { ...who, presented: bob.tokenDigest }),
      () => (who = { ...who, nodeId: carol.nodeId }),
      () => (who = of(bob)),
      () => (peer = { ...peer, state: 'provisional' }),
      () => (peer = { ...peer, state: 'paused' }),
      () => (peer = { ...peer, state: 'active' }),
      () => (peer = bob),
      () => (isPaused = false),
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
      'peer-provisional',
      'peer-paused',
      'peer-expired',
      'stack-paused',
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
    const facts = operation === 'invite-claim' ? claim(kate, [open]) : request(operation, of(bob), 'handoff');
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
