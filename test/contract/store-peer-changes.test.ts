/**
 * What an owner changes about a peer, as it lies on disk.
 *
 * - A new name takes everything along: messages, grants, tokens, a pairing that is under way. Otherwise a message belongs
 *   to its peer for ever.
 * - A revoke ends all at once, or nothing of it: what may be done, our token, and every message that is not over. What was
 *   over stays as it was.
 * - The name of a revoked peer can be used again. Whoever has it then finds nothing that was granted before.
 * - While tokens are changed two are good. The one before the present one ends a while after the present one was shown,
 *   and there never are three.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import { decide } from '../../src/core/decide.ts';
import { INBOX_STATES } from '../../src/core/inbox.ts';
import type { OutboxEvent, OutboxState } from '../../src/core/outbox.ts';
import type { TaskId } from '../../src/core/message.ts';
import type { PeerName } from '../../src/core/peer.ts';
import { createDigests, newPeerToken } from '../../src/digests.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import {
  BOB,
  CAROL,
  HANDOFF,
  sampleGrant,
  sampleInbound,
  sampleInvite,
  sampleOutbound,
  sampleOutboundGrant,
  samplePairing,
  samplePeer,
} from '../harness/samples.ts';
import { tempFolder } from '../harness/temp-folder.ts';
import { tempStore, type TempStore } from '../harness/temp-store.ts';
import { bringTo } from '../harness/inbox-moves.ts';
import { NO_LOAD } from '../harness/budgets.ts';

const DAVE = 'dave' as PeerName;
const TOKEN = newPeerToken();

function ground() {
  const clock = createFakeClock();
  const folder = tempFolder();
  const store = tempStore(clock, folder);
  for (const name of [BOB, CAROL]) store.peers.addPeer(samplePeer(name));
  store.peers.putGrant(sampleGrant());
  store.peers.putGrant(sampleOutboundGrant());
  store.peers.putGrant(sampleGrant({ peer: CAROL }));
  store.peers.putOutboundToken(BOB, TOKEN);
  return { clock, folder, store };
}

/** Every message there is, by id. */
function messagesOf({ outbox, inbox }: TempStore) {
  const own = outbox.list(100).map((message) => [message.id, message] as const);
  const theirs = inbox.list(100).map((message) => [message.taskId, message] as const);
  return new Map<string, object>([...own, ...theirs]);
}

describe('a new name', () => {
  it('takes messages, grants and tokens along, and leaves nothing under the old one', () => {
    const { store } = ground();
    store.outbox.add(sampleOutbound('out'));
    store.inbox.accept(sampleInbound('in'));
    store.peers.rename(BOB, DAVE);

    const renamed = ({ peers, outbox, inbox }: TempStore) => {
      expect(peers.findPeer(BOB)).toBeNull();
      expect(peers.findPeer(DAVE)).toEqual({ ...samplePeer(BOB), name: DAVE });
      expect(peers.listGrants(DAVE)).toEqual([
        sampleGrant({ peer: DAVE }),
        sampleOutboundGrant({ peer: DAVE }),
      ]);
      expect(peers.listGrants(BOB)).toEqual([]);
      expect(peers.outboundToken(DAVE)).toBe(TOKEN);
      expect(outbox.find('out')).toMatchObject({ peer: DAVE, state: 'queued', text: 'text of out' });
      expect(inbox.findTask(DAVE, 'task-in')).toMatchObject({ peer: DAVE, state: 'accepted' });
      expect(inbox.accept(sampleInbound('in', { peer: DAVE })).kind).toBe('repeated');
      const { presented, nodeId } = credentialOf(BOB);
      const facts = { operation: 'health-read', presented, nodeId } as const;
      expect(decide(facts, peers.policy(), peers.policy().asOf)).toMatchObject({ peer: { name: DAVE } });
    };
    renamed(store);
    renamed(store.reopen());
  });

  it('is one that nobody has, or had', () => {
    const { store, clock } = ground();
    store.peers.addPeer(samplePeer(DAVE));
    store.peers.revoke(DAVE, clock.now());
    for (const taken of [CAROL, DAVE, BOB])
      expect(() => store.peers.rename(BOB, taken)).toThrow(
        expect.objectContaining({ code: 'peer-exists' }) as Error,
      );
    expect(() => store.peers.rename('erin' as PeerName, 'frank' as PeerName)).toThrow(
      expect.objectContaining({ code: 'peer-not-found' }) as Error,
    );
    expect(store.peers.listPeers().map(({ name }) => name)).toEqual([BOB, CAROL, DAVE]);
    expect(store.peers.outboundToken(BOB)).toBe(TOKEN);
  });

  it('takes along a change of tokens, and a pairing that is under way with its secret', () => {
    const { store, clock } = ground();
    const fresh = tokenOf('fresh');
    store.peers.overlap(BOB, fresh, clock.now());
    store.peers.rename(BOB, DAVE);
    store.pairings.begin(samplePairing('erin'));
    store.peers.rename('erin' as PeerName, 'frank' as PeerName);
    const isKept = ({ peers, pairings }: TempStore) => {
      expect(peers.untold(DAVE)).toBe(fresh.token);
      expect(peers.findPeer(DAVE)?.overlap).toEqual({ digest: fresh.digest, until: null });
      const { token, record } = samplePairing('erin');
      expect(pairings.list()).toEqual([{ ...record, peer: 'frank' }]);
      expect(peers.untold('frank' as PeerName)).toBe(token);
      expect(pairings.find('erin' as PeerName)).toBeNull();
    };
    isKept(store);
    isKept(store.reopen());
  });

  it('takes along the invite that it was paired by, so that this can still be cancelled', () => {
    const { store } = ground();
    const invite = sampleInvite('i', { peer: DAVE });
    store.pairings.addInvite(invite);
    const made = samplePairing(DAVE, { secret: null, hasToken: true });
    store.pairings.claim(invite, made.peer.nodeId, made, TOKEN);
    const erin = 'erin' as PeerName;
    store.peers.rename(DAVE, erin);
    expect(store.pairings.findInvite('i')).toMatchObject({
      peer: erin,
      grants: [sampleGrant({ peer: erin })],
    });
    expect(store.pairings.cancelInvite('i')).toBe(true);
    expect(store.peers.findPeer(erin)).toBeNull();
  });

  it('is the only way in which a message comes to another peer', () => {
    const { store, folder } = ground();
    store.outbox.add(sampleOutbound('out'));
    store.inbox.accept(sampleInbound('in'));
    store.close();
    const db = new DatabaseSync(join(folder, 'agent-peer.db'));
    for (const table of ['outbox', 'inbox'])
      expect(() => db.exec(`UPDATE ${table} SET peer = 'carol'`), table).toThrow('message never changes');
    db.close();
  });
});

function credentialOf(name: PeerName) {
  const { tokenDigest: presented, nodeId } = samplePeer(name);
  return { presented, nodeId };
}

const NOW = { now: 1_800_000_000_000, nextAttemptAt: 1_800_000_000_000 };
const RECEIPT: OutboxEvent = { kind: 'receipt', taskId: 't' };
const REPLIED: OutboxEvent = { kind: 'replied', taskId: 't', reply: 'yes' };
const OUTBOUND: Readonly<Record<OutboxState, readonly OutboxEvent[]>> = {
  held: [],
  queued: [],
  accepted: [RECEIPT],
  'reply-held': [RECEIPT, { ...REPLIED, holdUntil: 1_900_000_000_000 }],
  answered: [RECEIPT, REPLIED],
  cancelled: [{ kind: 'cancelled' }],
  refused: [{ kind: 'refused', reason: 'alias-not-granted', detail: 'd' }],
  failed: [RECEIPT, { kind: 'failed', detail: 'd' }],
  expired: [{ kind: 'expired' }],
  uncertain: [RECEIPT, { kind: 'uncertain', detail: 'd' }],
};
/** A message of each state in both directions, of this peer. */
function addMessages({ outbox, inbox }: TempStore, peer: PeerName): void {
  for (const [state, events] of Object.entries(OUTBOUND)) {
    const { id } = outbox.add(
      sampleOutbound(`${peer}-${state}`, { peer, hold: state === 'held' ? 'grant' : null }),
    );
    for (const event of events) outbox.apply(id, event, NOW);
  }
  for (const state of INBOX_STATES) {
    const turnKey = `${peer}-${state}`;
    const taskId = `in-${peer}-${state}` as TaskId;
    inbox.accept(sampleInbound(turnKey, { peer, turnKey, taskId, hold: state === 'held' ? 'grant' : null }));
    bringTo(inbox, taskId, state, { now: NOW.now });
  }
}

describe('a revoke', () => {
  it('ends what the peer may do, our token for it, and the messages that are not over', () => {
    const { store, clock } = ground();
    for (const peer of [BOB, CAROL]) addMessages(store, peer);
    store.peers.overlap(BOB, tokenOf('fresh'), clock.now());
    const before = messagesOf(store);

    const ended = store.peers.revoke(BOB, clock.now());
    expect(ended).toEqual({
      outbox: ['bob-held', 'bob-queued', 'bob-accepted', 'bob-reply-held'],
      inbox: ['in-bob-held', 'in-bob-accepted', 'in-bob-reply-held'],
    });
    const isOver = (open: TempStore) => {
      const { peers, outbox, inbox } = open;
      expect(peers.findPeer(BOB)).toEqual(samplePeer(BOB, { state: 'revoked' }));
      expect([peers.outboundToken(BOB), peers.untold(BOB), peers.listGrants(BOB)]).toEqual([null, null, []]);
      expect(peers.listGrants(CAROL)).toEqual([sampleGrant({ peer: CAROL })]);
      expect(outbox.find('bob-queued')).toMatchObject({
        state: 'refused',
        reason: 'peer-revoked',
        detail: 'it was revoked on this side before it was handed over',
        updatedAt: clock.now(),
      });
      expect(outbox.find('bob-accepted')).toMatchObject({
        state: 'uncertain',
        reason: 'peer-revoked',
        detail: 'the peer took it, and was revoked on this side before its reply came',
        updatedAt: clock.now(),
      });
      expect(inbox.find('in-bob-accepted' as TaskId)).toMatchObject({
        state: 'cancelled',
        detail: 'its sender was revoked before it was run',
        updatedAt: clock.now(),
      });
      const changed = new Set<string>([...ended.outbox, ...ended.inbox]);
      const rest = (all: ReadonlyMap<string, object>) => [...all].filter(([id]) => !changed.has(id));
      expect(rest(messagesOf(open))).toEqual(rest(before));
    };
    isOver(store);
    isOver(store.reopen());
  });

  it('counts for the very next question', () => {
    const { store, clock } = ground();
    const ask = () => {
      const facts = {
        operation: 'message-send',
        ...credentialOf(BOB),
        alias: HANDOFF,
        agent: null,
        load: NO_LOAD,
        usage: null,
      } as const;
      const decision = decide(facts, store.peers.policy(), clock.now());
      return decision.allow ? 'allowed' : decision.reason;
    };
    expect(ask()).toBe('allowed');
    store.peers.revoke(BOB, clock.now());
    expect(ask()).toBe('peer-revoked');
  });

  it('that cannot be done to its end is not done at all', () => {
    const { store, clock, folder } = ground();
    addMessages(store, BOB);
    const state = (open: TempStore) => ({
      messages: messagesOf(open),
      peers: open.peers.listPeers(),
      grants: open.peers.listGrants(),
      token: open.peers.outboundToken(BOB),
    });
    const before = state(store);
    store.close();
    // Its last step is the one that fails.
    const db = new DatabaseSync(join(folder, 'agent-peer.db'));
    db.exec(`CREATE TRIGGER broken BEFORE UPDATE OF state ON inbox BEGIN SELECT RAISE(ABORT, 'broken'); END`);
    db.close();
    const later = tempStore(clock, folder);
    expect(() => later.peers.revoke(BOB, clock.now())).toThrow('broken');
    expect(state(later)).toEqual(before);
    expect(state(later.reopen())).toEqual(before);
  });

  it('ends the invites of that name, and a pairing that is under way', () => {
    const { store, clock } = ground();
    const erin = 'erin' as PeerName;
    const invites = [sampleInvite('erins', { peer: erin }), sampleInvite('daves', { peer: DAVE })];
    for (const invite of invites) store.pairings.addInvite(invite);
    const made = samplePairing('erin', { secret: null, hasToken: true });
    store.pairings.claim(invites[0] ?? sampleInvite(''), made.peer.nodeId, made, TOKEN);
    store.peers.revoke(erin, clock.now());
    expect(store.pairings.list()).toEqual([]);
    expect(store.pairings.listInvites().map(({ id, cancelled }) => [id, cancelled])).toEqual([
      ['daves', false],
      ['erins', true],
    ]);
    expect(
      store.pairings.update('erin' as PeerName, (facts) => ({ ...facts, ownConfirmed: true })),
    ).toBeNull();
    expect(store.peers.findPeer('erin')?.state).toBe('revoked');
  });

  it('of nobody is told', () => {
    const { store, clock } = ground();
    expect(() => store.peers.revoke(DAVE, clock.now())).toThrow(
      expect.objectContaining({ code: 'peer-not-found' }) as Error,
    );
  });
});

describe('the name of a revoked peer', () => {
  const next = samplePeer(BOB, {
    nodeId: samplePeer(DAVE).nodeId,
    tokenDigest: samplePeer(DAVE).tokenDigest,
  });

  it('is taken by another, who finds nothing that was granted before, and the old messages as they were', () => {
    const { store, clock } = ground();
    addMessages(store, BOB);
    store.peers.revoke(BOB, clock.now());
    const before = messagesOf(store);
    store.peers.addPeer(next);
    const later = store.reopen();
    const { peers } = later;
    expect(peers.listPeers()).toEqual([next, samplePeer(CAROL)]);
    expect(peers.listGrants(BOB)).toEqual([]);
    expect(peers.outboundToken(BOB)).toBeNull();
    expect(messagesOf(later)).toEqual(before);
  });

  it('brings back no grant that was given after its end', () => {
    const { store, clock } = ground();
    store.peers.revoke(BOB, clock.now());
    store.peers.putGrant(sampleGrant({ alias: 'late' as Alias }));
    store.peers.addPeer(next);
    expect(store.peers.listGrants(BOB)).toEqual([]);
  });

  it('is not free while its peer is any other than revoked', () => {
    const { store } = ground();
    for (const state of ['active', 'paused', 'provisional'] as const) {
      const name = `one${state}` as PeerName;
      store.peers.addPeer(samplePeer(name, { state }));
      const again = samplePeer(DAVE, { name });
      expect(() => store.peers.addPeer(again), state).toThrow(
        expect.objectContaining({ code: 'peer-exists' }) as Error,
      );
    }
  });
});

const digests = createDigests();
const GRACE_MS = 60_000;

function tokenOf(word: string) {
  const token = `apt_${word.padEnd(43, '-')}`;
  return { token, digest: digests.token(token) };
}

describe('a change of tokens', () => {
  const [FIRST, NEXT, THIRD] = [samplePeer(BOB).tokenDigest, tokenOf('next'), tokenOf('third')];

  function changing() {
    const { store, clock } = ground();
    const { peers } = store;
    const at = () => ({ now: clock.now(), graceMs: GRACE_MS });
    const good = () =>
      [FIRST, NEXT.digest, THIRD.digest].filter((presented) => {
        const facts = { operation: 'health-read', ...credentialOf(BOB), presented } as const;
        return decide(facts, peers.policy(), clock.now()).allow;
      });
    return { store, clock, peers, at, good };
  }

  it('makes a second token good beside the first, and answers it again while it was not presented', () => {
    const { store, peers, clock, good } = changing();
    expect(peers.untold(BOB)).toBeNull();
    expect(peers.overlap(BOB, NEXT, clock.now())).toBe(NEXT.token);
    expect(good()).toEqual([FIRST, NEXT.digest]);
    clock.advance(24 * 3_600_000);
    expect(peers.overlap(BOB, THIRD, clock.now())).toBe(NEXT.token);
    expect(good()).toEqual([FIRST, NEXT.digest]);
    expect(store.reopen().peers.untold(BOB)).toBe(NEXT.token);
  });

  it('ends the first a while after the second was presented, and not for what is presented before', () => {
    const { peers, clock, at, good } = changing();
    peers.overlap(BOB, NEXT, clock.now());
    peers.presented(BOB, FIRST, at());
    peers.presented(BOB, THIRD.digest, at());
    expect([good(), peers.untold(BOB)]).toEqual([[FIRST, NEXT.digest], NEXT.token]);

    peers.presented(BOB, NEXT.digest, at());
    expect([good(), peers.untold(BOB)]).toEqual([[FIRST, NEXT.digest], null]);
    expect(peers.findPeer(BOB)).toEqual(
      samplePeer(BOB, {
        tokenDigest: NEXT.digest,
        overlap: { digest: FIRST, until: clock.now() + GRACE_MS },
      }),
    );
    clock.advance(GRACE_MS - 1);
    peers.presented(BOB, NEXT.digest, at());
    peers.presented(BOB, FIRST, at());
    expect(good()).toEqual([FIRST, NEXT.digest]);
    clock.advance(1);
    expect(good()).toEqual([NEXT.digest]);
  });

  it('is not begun again while the one before may still be under way: three would be good at once', () => {
    const { peers, clock, at, good } = changing();
    peers.overlap(BOB, NEXT, clock.now());
    peers.presented(BOB, NEXT.digest, at());
    for (const ms of [0, GRACE_MS - 1]) {
      clock.advance(ms);
      expect(peers.overlap(BOB, THIRD, clock.now())).toBeNull();
    }
    expect([good(), peers.untold(BOB)]).toEqual([[FIRST, NEXT.digest], null]);
    clock.advance(1);
    expect(peers.overlap(BOB, THIRD, clock.now())).toBe(THIRD.token);
    expect(good()).toEqual([NEXT.digest, THIRD.digest]);
  });

  it('is over at once for a peer that is revoked', () => {
    const { peers, clock, good } = changing();
    peers.overlap(BOB, NEXT, clock.now());
    peers.revoke(BOB, clock.now());
    expect([good(), peers.untold(BOB)]).toEqual([[], null]);
    const told = (presented: typeof FIRST) =>
      decide({ operation: 'health-read', ...credentialOf(BOB), presented }, peers.policy(), clock.now());
    expect([told(FIRST), told(NEXT.digest)]).toMatchObject([
      { reason: 'peer-revoked' },
      { reason: 'token-unknown' },
    ]);
  });

  it('of nobody is told', () => {
    const { peers, clock, at } = changing();
    const nobody = expect.objectContaining({ code: 'peer-not-found' }) as Error;
    expect(() => peers.overlap(DAVE, NEXT, clock.now())).toThrow(nobody);
    expect(() => peers.presented(DAVE, NEXT.digest, at())).toThrow(nobody);
  });
});

describe('a peer', () => {
  it('is let go on, and bound to another node, with its grants and tokens', () => {
    const { store } = ground();
    store.peers.addPeer(samplePeer(DAVE, { state: 'paused' }));
    store.peers.resume(DAVE);
    expect(store.peers.findPeer(DAVE)).toEqual(samplePeer(DAVE));
    const node = { nodeId: samplePeer('erin' as PeerName).nodeId, login: 'new@example.com' };
    store.peers.rebind(BOB, node);
    const { peers } = store.reopen();
    expect(peers.findPeer(BOB)).toEqual({ ...samplePeer(BOB), ...node });
    expect(peers.outboundToken(BOB)).toBe(TOKEN);
    expect(peers.listGrants(BOB)).toEqual([sampleGrant(), sampleOutboundGrant()]);
  });

  it('is paused, by itself or with all others, and a restart changes neither', () => {
    const { store } = ground();
    store.peers.pause(BOB);
    store.peers.setPaused(true);
    const again = store.reopen();
    const { peers } = again;
    expect([peers.isPaused(), peers.policy().isPaused]).toEqual([true, true]);
    expect(peers.findPeer(BOB)?.state).toBe('paused');
    peers.setPaused(false);
    expect([peers.isPaused(), peers.policy().isPaused, peers.findPeer(BOB)?.state]).toEqual([
      false,
      false,
      'paused',
    ]);
    peers.setPaused(true);
    peers.resume(BOB);
    const later = again.reopen().peers;
    expect([later.isPaused(), later.findPeer(BOB)?.state]).toEqual([true, 'active']);
    expect(later.listGrants(BOB)).toEqual([sampleGrant(), sampleOutboundGrant()]);
  });

  it('loses one grant, of one direction, when that is taken back', () => {
    const { store } = ground();
    const { peers } = store;
    expect(peers.removeGrant('inbound', BOB, 'any')).toBe(false);
    expect(peers.removeGrant('outbound', BOB, HANDOFF)).toBe(false);
    expect(peers.removeGrant('inbound', BOB, HANDOFF)).toBe(true);
    expect(peers.removeGrant('inbound', BOB, HANDOFF)).toBe(false);
    expect(peers.listGrants()).toEqual([sampleGrant({ peer: CAROL }), sampleOutboundGrant()]);
    expect(peers.removeGrant('outbound', BOB, 'any')).toBe(true);
    expect(store.reopen().peers.listGrants(BOB)).toEqual([]);
  });
});
