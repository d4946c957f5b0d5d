/**
 * What an owner is told would be decided, and what is decided.
 *
 * - Both come from the same code on the same policy: for every peer, operation and alias they agree.
 * - The question is about the peer's own request: from its own node, with its own token, after what it has sent already.
 * - What is no peer or no operation is said, and what is no alias is granted to nobody.
 */
import { describe, expect, it } from 'vitest';
import { parseAlias, type Alias } from '../../src/core/alias.ts';
import { decide } from '../../src/core/decide.ts';
import { OPERATIONS, type Operation } from '../../src/core/decision.ts';
import { explain } from '../../src/core/explain.ts';
import type { Facts } from '../../src/core/facts.ts';
import type { NodeId, Peer, PeerName } from '../../src/core/peer.ts';
import type { Policy } from '../../src/core/policy.ts';
import { createJudge } from '../../src/explain/judge.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import {
  BOB,
  CAROL,
  HANDOFF,
  sampleGrant,
  sampleInbound,
  sampleOutboundGrant,
  samplePeer,
} from '../harness/samples.ts';
import { tempStore } from '../harness/temp-store.ts';

const [GONE, OVER] = ['gone' as PeerName, 'over' as PeerName];
const [FRESH, IDLE] = ['fresh' as PeerName, 'idle' as PeerName];
const [BRIEF, MUTE, SLOW] = ['brief' as Alias, 'mute' as Alias, 'slow' as Alias];

/** Bob with grants of every kind, Carol with none, and a peer in each state in which it may do nothing. */
function ground() {
  const clock = createFakeClock();
  const store = tempStore(clock);
  const { peers, inbox } = store;
  for (const name of [BOB, CAROL]) peers.addPeer(samplePeer(name));
  peers.addPeer(samplePeer(GONE, { state: 'revoked' }));
  peers.addPeer(samplePeer(OVER, { expiresAt: clock.now() }));
  peers.addPeer(samplePeer(FRESH, { state: 'provisional' }));
  peers.addPeer(samplePeer(IDLE, { state: 'paused' }));
  for (const peer of [BOB, GONE, OVER, FRESH, IDLE]) {
    peers.putGrant(sampleGrant({ peer }));
    peers.putGrant(sampleOutboundGrant({ peer }));
  }
  peers.putGrant(sampleGrant({ alias: BRIEF, expiresAt: clock.now() }));
  peers.putGrant(sampleGrant({ alias: MUTE, operations: ['task-read'] }));
  peers.putGrant(sampleGrant({ alias: SLOW, sendsPerMinute: 1 }));
  inbox.accept(sampleInbound('m', { alias: SLOW, createdAt: clock.now() }));
  return { clock, store, judge: createJudge({ peers, inbox, guard: store.guard, clock }) };
}

type Ground = ReturnType<typeof ground>;

/** The facts of the request itself, as the listener would have them. */
function factsOf(operation: Operation, peer: Peer, rawAlias: string | null, { store, clock }: Ground): Facts {
  const read = parseAlias(rawAlias ?? '');
  const alias = read.ok ? read.value : null;
  const usage = alias === null ? null : store.inbox.usage(peer.name, alias, clock.now());
  const all = {
    presented: peer.tokenDigest,
    nodeId: peer.nodeId,
    alias,
    agent: null,
    usage,
    load: alias === null ? null : { hop: 0, ...store.guard.load(peer.name, null, clock.now()) },
    peer: peer.name,
    secret: peer.tokenDigest,
    invites: [],
    looksSecret: false,
  };
  return { ...all, operation };
}

describe('what is explained', () => {
  it('is what is decided, for every peer, operation and alias, and every kind of answer occurs', () => {
    const made = ground();
    const seen = new Set<string>();
    const check = (policy: Policy) => {
      for (const peer of policy.peers)
        for (const operation of OPERATIONS)
          for (const alias of [HANDOFF, BRIEF, MUTE, SLOW, 'other', 'Not An Alias', '', null]) {
            const decision = decide(factsOf(operation, peer, alias, made), policy, made.clock.now());
            const what = `${peer.name} ${operation} ${String(alias)}`;
            expect(made.judge.explain(peer.name, operation, alias), what).toEqual({
              decision,
              sentence: explain(decision),
            });
            seen.add(decision.allow ? operation : decision.reason);
          }
    };
    check(made.store.peers.policy());
    made.clock.advance(-3_600_000);
    check(made.store.peers.policy());
    expect([...seen].sort()).toEqual(
      [
        // Whoever is a peer has no invite to show any more.
        ...OPERATIONS.filter((operation) => operation !== 'invite-claim'),
        'invite-unknown',
        'peer-paused',
        'peer-provisional',
        'alias-not-granted',
        'clock-behind',
        'grant-expired',
        'node-not-paired',
        'operation-not-granted',
        'peer-expired',
        'peer-revoked',
        'sends-exceeded',
      ].sort(),
    );
  });

  it.each([
    ['bob', 'message-send', 'handoff', 'Allowed: bob may write to "handoff", which is agent:main:peer-bob.'],
    ['bob', 'message-send', 'slow', 'Refused: bob has sent as many messages in the last minute as it may.'],
    ['bob', 'task-read', 'slow', 'Allowed: bob may read what became of its messages to "slow".'],
    [
      'bob',
      'message-send',
      'mute',
      'Refused: the grant of bob for that alias does not include the operation.',
    ],
    ['gone', 'health-read', null, 'Refused: gone was revoked.'],
    ['over', 'message-submit', 'x', 'Refused: the pairing with over has expired.'],
    [
      'fresh',
      'message-send',
      'handoff',
      'Refused: the pairing with fresh is not complete: both owners have to confirm it.',
    ],
    ['fresh', 'pairing-continue', null, 'Allowed: fresh may ask how far the pairing has come.'],
    ['idle', 'message-submit', 'x', 'Refused: idle is paused until the owner confirms it.'],
    ['idle', 'token-rotate', null, 'Refused: idle is paused until the owner confirms it.'],
    ['bob', 'token-rotate', null, 'Allowed: bob may exchange the tokens for new ones.'],
    ['bob', 'invite-claim', null, 'Refused: no invite has this secret.'],
    ['bob', 'message-submit', 'anything', 'Allowed: agents of this machine may write to bob.'],
    ['carol', 'health-read', null, 'Allowed: carol may read the health of this stack.'],
  ])('%s %s %s: one sentence', (peer, operation, alias, sentence) => {
    expect(ground().judge.explain(peer, operation, alias).sentence).toBe(sentence);
  });

  it('follows a change at once, and the clock', () => {
    const { judge, store, clock } = ground();
    const allowed = () => judge.explain('bob', 'message-send', 'new').decision.allow;
    expect(allowed()).toBe(false);
    store.peers.putGrant(sampleGrant({ alias: 'new' as Alias, expiresAt: clock.now() + 1000 }));
    expect(allowed()).toBe(true);
    clock.advance(1000);
    expect(allowed()).toBe(false);
  });

  it('gives a peer that was paired anew its own answer, and not that of the one before on its node', () => {
    const { judge, store } = ground();
    const again = 'again' as PeerName;
    store.peers.addPeer(samplePeer(again, { nodeId: samplePeer(GONE).nodeId }));
    expect(judge.explain('again', 'card-read', null).decision).toMatchObject({ allow: true, grants: [] });
    expect(judge.explain('gone', 'message-send', 'handoff').decision).toMatchObject({
      reason: 'peer-revoked',
    });
    expect(store.peers.findPeer('again')?.nodeId).toBe('ngoneCNTRL' as NodeId);
  });
});

describe('a question that makes no sense', () => {
  it.each([
    ['nobody', 'message-send', 'peer-not-found', 'no peer is called "nobody"'],
    ['Bob!', 'message-send', 'peer-not-found', 'not a peer name'],
    ['bob', 'send', 'input-invalid', '"send" is not an operation'],
    ['bob', 'Message-Send', 'input-invalid', 'is not an operation'],
    ['bob', '', 'input-invalid', '"" is not an operation'],
    ['bob', 'constructor', 'input-invalid', 'is not an operation'],
  ])('%s %s is refused as %s', (peer, operation, code, what) => {
    const asking = () => ground().judge.explain(peer, operation, 'handoff');
    expect(asking).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(what) as string }) as Error,
    );
  });

  it('about an operation is answered with those that there are', () => {
    const asking = () => ground().judge.explain('bob', 'read', null);
    expect(asking).toThrow(
      expect.objectContaining({
        fix: 'Choose from liveness-read, health-read, card-read, message-send, task-read, task-cancel, invite-claim, pairing-continue, token-rotate, message-submit',
      }) as Error,
    );
  });
});

describe('the clock', () => {
  it('is behind when the judge refuses everything for it, and not before', () => {
    const { judge, store, clock } = ground();
    expect(judge.clock()).toBe('ok');
    clock.advance(3_600_000);
    expect(judge.clock()).toBe('ok');
    clock.advance(-3_600_000);
    expect(judge.clock()).toBe('behind');
    judge.acceptClock();
    expect(judge.clock()).toBe('ok');
    expect(store.peers.policy().asOf).toBe(clock.now());
  });
});
