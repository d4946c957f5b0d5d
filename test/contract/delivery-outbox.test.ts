/**
 * The outbox sender brings each message of ours to its peer, and its reply back.
 *
 * - A message is offered until the peer has it on its disk (the receipt) or its time is over; then it is asked for until
 *   it is answered. Always under the same id, so that the peer has it once however often it is offered.
 * - Within a conversation a message is handed over only after the one before it has a receipt. Waiting for a reply
 *   holds up nothing.
 * - A peer that is away, slow or broken holds up no other, and is not stormed: attempts get rarer, and one gets through
 *   before the others follow.
 * - A restart takes up everything where it was.
 */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ReplyHold } from '../../src/core/hold.ts';
import type { ConversationId } from '../../src/core/message.ts';
import type { PeerName } from '../../src/core/peer.ts';
import { PEER_SERVER_LIMITS } from '../../src/peer-server/limits.ts';
import type { PeerTransport } from '../../src/ports/delivery.ts';
import type { InboxMessage, OutboxStore } from '../../src/ports/messages.ts';
import { systemClock, systemRandom } from '../../src/system.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import { add, becomes, find, ground, startSender } from '../harness/sender-ground.ts';
import { BOB, CAROL, sampleOutbound, samplePeer } from '../harness/samples.ts';
import { DELIVERY_LIMITS } from '../../src/delivery/limits.ts';
import { createReplyTurn } from '../../src/delivery/reply-turn.ts';
import { createDigests } from '../../src/digests.ts';
import { BUDGETS } from '../../src/core/guard.ts';
import { POLICY_LIMITS } from '../../src/core/policy.ts';
import type { SessionKey } from '../../src/core/session-key.ts';

const TALK = 'talk' as ConversationId;
const HOUR = 3_600_000;

describe('a message', () => {
  it('gets a receipt, then its reply, and arrives once', async () => {
    const g = ground();
    add(g, 'a');
    startSender(g);
    await becomes(g, 'a', 'accepted');
    expect(find(g, 'a')).toMatchObject({ taskId: 'task-a', reply: null });
    await vi.waitFor(() => expect(g.peers.attempts).toHaveLength(2));
    g.peers.reply('a', 'yes');
    await becomes(g, 'a', 'answered');
    expect(find(g, 'a')).toMatchObject({ reply: 'yes', taskId: 'task-a', detail: null });
    expect(g.changes).toEqual(['a accepted', 'a answered']);
    expect(g.peers.arrivals).toEqual(['a']);
  });

  it.each([
    [
      'refused',
      { kind: 'refused', reason: 'alias-not-granted', detail: 'no' },
      { reason: 'alias-not-granted' },
    ],
    ['failed', { kind: 'failed', detail: 'the model broke' }, { detail: 'the model broke' }],
    ['uncertain', { kind: 'uncertain', detail: 'a gap' }, { detail: 'a gap' }],
    ['answered', { kind: 'replied', taskId: 't', reply: null }, { reply: null, taskId: 't' }],
  ] as const)('that is %s at once is not tried again', async (state, event, told) => {
    const g = ground();
    const deliver = vi.fn<PeerTransport['deliver']>(() => Promise.resolve(event));
    add(g, 'a');
    const sender = startSender(g, { transport: { deliver } });
    await becomes(g, 'a', state);
    expect(find(g, 'a')).toMatchObject(told);
    sender.wake(BOB);
    sender.wake();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(deliver).toHaveBeenCalledTimes(1);
  });

  it('that is submitted while the sender runs is sent when it is woken', async () => {
    const g = ground();
    const sender = startSender(g);
    add(g, 'a');
    sender.wake(BOB);
    await becomes(g, 'a', 'accepted');
  });

  it('keeps its receipt when asking for the reply fails', async () => {
    const g = ground();
    add(g, 'a');
    const sender = startSender(g);
    await becomes(g, 'a', 'accepted');
    g.peers.set(BOB, 'away');
    sender.wake(BOB);
    g.peers.stumbleOver('a', true);
    await sender.stop();
    startSender(g);
    await vi.waitFor(() => expect(find(g, 'a')?.detail).toBe('no route to host'));
    expect(find(g, 'a')).toMatchObject({ state: 'accepted', taskId: 'task-a' });
    expect(g.peers.arrivals).toEqual(['a']);
  });
});

describe('order', () => {
  it('within a conversation: the next is not handed over before the last one has a receipt', async () => {
    const g = ground(systemClock);
    for (const id of ['a1', 'a2', 'a3']) add(g, id, { conversation: TALK });
    add(g, 'b1');
    g.peers.stumbleOver('a1', true);
    const sender = startSender(g);
    await becomes(g, 'b1', 'accepted');
    await vi.waitFor(() => expect(g.peers.attempts.filter((id) => id === 'a1').length).toBeGreaterThan(1));
    expect(g.peers.arrivals).toEqual(['b1']);
    g.peers.stumbleOver('a1', false);
    sender.wake(BOB);
    await becomes(g, 'a3', 'accepted');
    expect(g.peers.arrivals).toEqual(['b1', 'a1', 'a2', 'a3']);
  });

  it('waits for receipts only: later messages pass those that wait for a reply', async () => {
    const g = ground();
    for (const id of ['a1', 'a2', 'a3', 'a4', 'a5']) add(g, id, { conversation: TALK });
    startSender(g, { waitsPerPeer: 2 });
    await becomes(g, 'a5', 'accepted');
    expect(g.peers.arrivals).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
  });

  it('brings back every reply, though fewer are waited for at once than are open', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const g = ground({ now: () => Date.now() });
    const ids = ['m1', 'm2', 'm3', 'm4', 'm5'];
    for (const id of ids) add(g, id, { createdAt: Date.now() });
    startSender(g, { waitsPerPeer: 2, waitMs: 1000 });
    await vi.advanceTimersByTimeAsync(100);
    expect(g.peers.arrivals).toEqual(ids);
    g.peers.reply('m5', 'first');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(find(g, 'm5')?.state).toBe('answered');
    for (const id of ids.slice(0, 4)) g.peers.reply(id, 'then');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(ids.map((id) => find(g, id)?.state)).toEqual(ids.map(() => 'answered'));
    expect(g.peers.mostAtOnce()).toBe(1);
  });
});

describe('a message that the peer cannot take', () => {
  it('goes behind those that were not tried yet, each time', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const g = ground({ now: () => Date.now() });
    add(g, 'bad');
    for (let i = 0; i < 5; i += 1) add(g, `good${i}`);
    g.peers.stumbleOver('bad', true);
    startSender(g);
    await vi.advanceTimersByTimeAsync(600);
    expect(g.peers.attempts.slice(0, 2)).toEqual(['bad', 'good0']);
    expect(g.peers.arrivals).toHaveLength(5);
  });
});

describe('peers', () => {
  it.each(['away', 'hung'] as const)('that are %s hold up no other', async (state) => {
    const g = ground();
    g.peers.set(BOB, state);
    add(g, 'b');
    add(g, 'c', { peer: CAROL });
    startSender(g);
    await becomes(g, 'c', 'accepted');
    expect(find(g, 'b')?.state).toBe('queued');
  });

  it('that are back are tried at once when the sender is woken', async () => {
    const g = ground();
    g.peers.set(BOB, 'away');
    add(g, 'a');
    add(g, 'b');
    const sender = startSender(g);
    await vi.waitFor(() => expect(find(g, 'a')?.detail).toBe('no route to host'));
    g.peers.set(BOB, 'there');
    sender.wake(BOB);
    await becomes(g, 'a', 'accepted');
    await becomes(g, 'b', 'accepted');
    expect(find(g, 'a')?.detail).toBeNull();
  });

  it('that are away are tried ever more rarely, and everything gets through when they are back', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const g = ground({ now: () => Date.now() });
    const ids = Array.from({ length: 50 }, (_, index) => `m${index}`);
    for (const id of ids) add(g, id);
    g.peers.set(BOB, 'away');
    startSender(g, { waitMs: 1000 });
    await vi.advanceTimersByTimeAsync(10_000);
    const early = g.peers.attempts.length;
    expect(early).toBeGreaterThanOrEqual(4);
    expect(early).toBeLessThanOrEqual(7);
    await vi.advanceTimersByTimeAsync(HOUR);
    const perHour = g.peers.attempts.length - early;
    expect(perHour).toBeGreaterThanOrEqual(59);
    expect(perHour).toBeLessThanOrEqual(130);

    g.peers.set(BOB, 'there');
    await vi.advanceTimersByTimeAsync(65_000);
    expect([...g.peers.arrivals].sort()).toEqual([...ids].sort());
  });

  it('that die while many replies are waited for are one failure, not many', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const g = ground({ now: () => Date.now() });
    const cuts: (() => void)[] = [];
    const deliver = vi.fn<PeerTransport['deliver']>(({ id, state }) =>
      state === 'queued'
        ? Promise.resolve({ kind: 'receipt', taskId: id })
        : cuts.length === 8
          ? Promise.resolve({ kind: 'replied', taskId: id, reply: 'back' })
          : new Promise((resolve) => cuts.push(() => resolve({ kind: 'not-delivered', detail: 'cut' }))),
    );
    for (let i = 0; i < 8; i += 1) add(g, `m${i}`);
    startSender(g, { transport: { deliver } });
    await vi.advanceTimersByTimeAsync(100);
    expect(cuts).toHaveLength(8);
    const before = deliver.mock.calls.length;
    for (const cut of cuts) cut();
    await vi.advanceTimersByTimeAsync(1_500);
    const asked = new Set(deliver.mock.calls.slice(before).map(([{ id }]) => id));
    expect(asked.size).toBe(8);
  });

  it('whose answer comes at once, and is no reply, are not asked without a pause', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const g = ground({ now: () => Date.now() });
    const deliver = vi.fn<PeerTransport['deliver']>(() => Promise.resolve({ kind: 'receipt', taskId: 't' }));
    add(g, 'a');
    startSender(g, { transport: { deliver } });
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(deliver.mock.calls.length).toBeLessThan(140);
    expect(deliver.mock.calls.length).toBeGreaterThan(50);
  });

  it('that do not wait are asked rarely, however much is open, and brought up when they do again', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const g = ground({ now: () => Date.now() });
    const ids = Array.from({ length: 100 }, (_, index) => `m${index}`);
    for (const id of ids) add(g, id);
    let asked = 0;
    let answers = false;
    const deliver = vi.fn<PeerTransport['deliver']>(({ id: taskId, state }) => {
      if (state === 'accepted') asked += 1;
      return Promise.resolve(
        answers ? { kind: 'replied', taskId, reply: 'yes' } : { kind: 'receipt', taskId },
      );
    });
    const sender = startSender(g, { transport: { deliver } });
    for (let second = 0; second < 60; second += 1) {
      sender.wake(BOB);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(ids.filter((id) => find(g, id)?.state !== 'accepted')).toEqual([]);
    expect(asked).toBeLessThan(PEER_SERVER_LIMITS.pollsPerMinute / 4);
    expect(asked).toBeGreaterThan(20);
    answers = true;
    await vi.advanceTimersByTimeAsync(65_000);
    expect(ids.filter((id) => find(g, id)?.state !== 'answered')).toEqual([]);
  });

  it('without a stored token get nothing, with a clear reason, until there is one', async () => {
    const g = ground();
    const dora = 'dora' as PeerName;
    g.store.peers.addPeer(samplePeer(dora));
    add(g, 'a', { peer: dora });
    const sender = startSender(g);
    await vi.waitFor(() =>
      expect(find(g, 'a')?.detail).toBe('no token of "dora" is stored: ask its owner for it, and store it'),
    );
    expect(g.peers.attempts).toEqual([]);
    g.store.peers.putOutboundToken(dora, 'token');
    sender.wake(dora);
    await becomes(g, 'a', 'accepted');
  });

  it('that were revoked here get nothing, and what was meant for them ends', async () => {
    const g = ground();
    add(g, 'a');
    const findPeer = () => samplePeer(BOB, { state: 'revoked' });
    startSender(g, { peerStore: { ...g.store.peers, findPeer } });
    await becomes(g, 'a', 'refused');
    expect(find(g, 'a')).toMatchObject({ reason: 'peer-revoked', detail: '"bob" was revoked on this side' });
    expect(g.peers.attempts).toEqual([]);
  });

  it('that are gone from the list stop no one', async () => {
    const g = ground();
    add(g, 'a');
    startSender(g, { peerStore: { ...g.store.peers, findPeer: () => null } });
    await vi.waitFor(() => expect(find(g, 'a')?.detail).toBe('there is no peer "bob" any more'));
    expect(find(g, 'a')?.state).toBe('queued');
  });
});

describe('a restart', () => {
  it('takes up every state where it was, and no message arrives twice', async () => {
    const g = ground();
    for (const id of ['queued', 'tried', 'accepted', 'answered', 'expired']) add(g, id);
    const at = { now: g.clock.now(), nextAttemptAt: g.clock.now() + HOUR };
    const apply = (id: string, event: Parameters<OutboxStore['apply']>[1]) =>
      g.store.outbox.apply(sampleOutbound(id).id, event, at);
    apply('tried', { kind: 'not-delivered', detail: 'the line was cut' });
    const arrived = find(g, 'accepted');
    if (arrived !== null) await g.peers.deliver(arrived, 0, new AbortController().signal);
    apply('accepted', { kind: 'receipt', taskId: 'task-accepted' });
    apply('answered', { kind: 'replied', taskId: 't', reply: 'before' });
    apply('expired', { kind: 'expired' });

    const after = { ...g, store: g.store.reopen() };
    startSender(after);
    await becomes(after, 'queued', 'accepted');
    await becomes(after, 'tried', 'accepted');
    g.peers.reply('accepted', 'meanwhile');
    await becomes(after, 'accepted', 'answered');
    expect(find(after, 'accepted')?.reply).toBe('meanwhile');
    expect(g.peers.arrivals).toEqual(['accepted', 'queued', 'tried']);
    expect(find(after, 'answered')?.reply).toBe('before');
    expect(find(after, 'expired')?.state).toBe('expired');
  });

  it('cuts the waits short, and counts nothing that it cut', async () => {
    const g = ground();
    add(g, 'a');
    add(g, 'c', { peer: CAROL });
    g.peers.set(CAROL, 'hung');
    const sender = startSender(g);
    await vi.waitFor(() => expect(g.peers.attempts.filter((id) => id === 'a')).toHaveLength(2));
    const began = performance.now();
    await sender.stop();
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(find(g, 'a')).toMatchObject({ state: 'accepted', attempts: 1, detail: null });
    expect(find(g, 'c')).toMatchObject({ state: 'queued', attempts: 0, detail: null });
    sender.wake();
    add(g, 'b');
    sender.wake(BOB);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(find(g, 'b')?.state).toBe('queued');
  });
});

describe('time to live', () => {
  it('ends a message that the peer never had, without trying it, and lets the next one of its conversation go', async () => {
    const clock = createFakeClock();
    const g = ground(clock);
    add(g, 'old', { conversation: TALK, expiresAt: clock.now() + 1000 });
    add(g, 'new', { conversation: TALK });
    clock.advance(1000);
    startSender(g);
    await becomes(g, 'new', 'accepted');
    expect(find(g, 'old')).toMatchObject({ state: 'expired', attempts: 0 });
    expect(g.peers.arrivals).toEqual(['new']);
  });

  it('does not end one that the peer has: its reply may still come', async () => {
    const clock = createFakeClock();
    const g = ground(clock);
    add(g, 'a', { expiresAt: clock.now() + 1000 });
    startSender(g);
    await becomes(g, 'a', 'accepted');
    clock.advance(2000);
    g.peers.reply('a', 'better late');
    await becomes(g, 'a', 'answered');
  });

  it('calls one uncertain that the peer has, and has not answered long after', async () => {
    const clock = createFakeClock();
    const g = ground(clock);
    add(g, 'a', { expiresAt: clock.now() + 1000 });
    const sender = startSender(g, { waitMs: 10, askPauseMs: 0, replyGraceMs: 1000 });
    await becomes(g, 'a', 'accepted');
    clock.advance(1500);
    sender.wake(BOB);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(find(g, 'a')?.state).toBe('accepted');
    clock.advance(1000);
    sender.wake(BOB);
    await becomes(g, 'a', 'uncertain');
    expect(find(g, 'a')?.detail).toBe('the peer took it, but its time to live is over and no reply came');
  });

  it('is not held against a peer that a machine just woken cannot reach yet', async () => {
    const clock = createFakeClock();
    const g = ground(clock);
    add(g, 'a');
    const sender = startSender(g);
    await becomes(g, 'a', 'accepted');
    await sender.stop();
    clock.advance(100 * HOUR);
    g.peers.set(BOB, 'away');
    const next = startSender(g);
    await vi.waitFor(() => expect(find(g, 'a')?.detail).toBe('no route to host'));
    g.peers.set(BOB, 'there');
    g.peers.reply('a', 'it was here all the time');
    next.wake(BOB);
    await becomes(g, 'a', 'answered');
  });

  it('ends the asking when a peer that has it stays away for good', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const g = ground({ now: () => Date.now() });
    add(g, 'a', { expiresAt: Date.now() + HOUR / 6 });
    startSender(g, { waitMs: 1000, replyGraceMs: HOUR / 6 });
    await vi.advanceTimersByTimeAsync(2_000);
    g.peers.set(BOB, 'away');
    await vi.advanceTimersByTimeAsync(HOUR / 4);
    expect(find(g, 'a')?.state).toBe('accepted');
    await vi.advanceTimersByTimeAsync(HOUR / 6);
    expect(find(g, 'a')?.state).toBe('uncertain');
  });
});

describe('trouble inside', () => {
  it('of the transport is an attempt that failed, and tells no secret', async () => {
    const g = ground();
    const transport: PeerTransport = {
      deliver: (message, waitMs, signal) => {
        if (g.peers.attempts.length > 0) return g.peers.deliver(message, waitMs, signal);
        void g.peers.deliver(message, 0, signal);
        throw new TypeError('Invalid header value: Bearer apt_secret');
      },
    };
    add(g, 'a');
    const sender = startSender(g, { transport });
    await vi.waitFor(() => expect(find(g, 'a')?.detail).toBe('the attempt broke off inside the proxy'));
    expect(g.log.text()).toContain('TypeError');
    expect(g.log.text()).not.toContain('apt_secret');
    sender.wake(BOB);
    await becomes(g, 'a', 'accepted');
    expect(g.peers.arrivals).toEqual(['a']);
  });

  it('of the disk holds up the sending, and what the peer has arrives no second time', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const g = ground({ now: () => Date.now() });
    let broken = true;
    const outbox: OutboxStore = {
      ...g.store.outbox,
      apply: (...args) => {
        if (broken) throw new Error('disk full');
        return g.store.outbox.apply(...args);
      },
    };
    add(g, 'a');
    startSender(g, { outbox, waitMs: 1000 });
    await vi.advanceTimersByTimeAsync(21_000);
    expect(g.peers.attempts.length).toBeLessThanOrEqual(6);
    expect(find(g, 'a')).toMatchObject({ state: 'queued', attempts: 0 });
    broken = false;
    await vi.advanceTimersByTimeAsync(6_000);
    expect(find(g, 'a')?.state).toBe('accepted');
    expect(g.peers.arrivals).toEqual(['a']);
  });
});

describe('a reply', () => {
  const HELD_UNTIL = 9_000_000_000_000;
  const HELD: ReplyHold = { reason: 'grant', until: HELD_UNTIL };

  it('that a person is to look at is on disk and waits, and the peer is not asked for it again', async () => {
    const g = ground();
    add(g, 'a');
    startSender(g, { replyHolds: (peer, way) => (peer === BOB && way === 'inbound' ? HELD : null) });
    await becomes(g, 'a', 'accepted');
    g.peers.reply('a', 'yes');
    await becomes(g, 'a', 'reply-held');
    expect(find(g, 'a')).toMatchObject({ reply: 'yes', hold: 'grant', holdUntil: HELD_UNTIL });
    const asked = g.peers.attempts.length;
    add(g, 'b');
    startSender(g);
    await becomes(g, 'b', 'accepted');
    expect(g.peers.attempts.slice(asked)).not.toContain('a');
  });

  it('that nobody looked at in time is over, and so is a message', async () => {
    const clock = createFakeClock();
    const g = ground(clock);
    add(g, 'a', { hold: 'grant' });
    add(g, 'b');
    const { id } = add(g, 'b2');
    const at = { now: g.clock.now(), nextAttemptAt: g.clock.now() };
    g.store.outbox.apply(id, { kind: 'replied', taskId: 't', reply: 'secret', holdUntil: at.now + 1000 }, at);
    startSender(g, { sweepEveryMs: 5 });
    await becomes(g, 'b', 'accepted');
    expect([find(g, 'a')?.state, find(g, 'b2')?.state]).toEqual(['held', 'reply-held']);
    expect(g.peers.arrivals).toEqual(['b']);
    clock.advance(1000);
    await becomes(g, 'b2', 'expired');
    expect(find(g, 'b2')).toMatchObject({
      reply: null,
      detail: expect.stringContaining('a person') as string,
    });
    clock.advance(72 * 3_600_000);
    await becomes(g, 'a', 'expired');
    expect(g.peers.arrivals).toEqual(['b']);
  });

  it('goes once into the session that the owner listed, as text of the peer’s, and one that is nothing does not', async () => {
    const g = ground();
    const replySession = 'agent:main:peer-bob' as SessionKey;
    const replyTurn = createReplyTurn({
      guard: g.store.guard,
      peers: g.store.peers,
      turnKey: (peer, id) => `key of ${peer} ${id}`,
      digests: createDigests(),
      random: systemRandom,
      clock: g.clock,
      limits: DELIVERY_LIMITS,
    });
    for (const id of ['a', 'b', 'c']) add(g, id, { hop: 1, replySession: id === 'c' ? null : replySession });
    startSender(g, { replyTurn });
    for (const id of ['a', 'b', 'c']) await becomes(g, id, 'accepted');
    g.peers.reply('a', 'yes');
    g.peers.reply('b', null);
    g.peers.reply('c', 'kept for who asks');
    for (const id of ['a', 'b', 'c']) await becomes(g, id, 'answered');
    expect(g.store.inbox.list(10)).toMatchObject([
      {
        ...{ origin: 'reply', peer: BOB, sessionKey: replySession, text: 'yes', hop: 2, state: 'accepted' },
        turnKey: `key of ${BOB} reply/a`,
      },
    ]);
    // It is nothing that a peer can ask for, or stand in the way of.
    const [{ taskId }] = g.store.inbox.list(1) as [InboxMessage];
    expect(g.store.inbox.findTask(BOB, taskId)).toBeNull();
  });

  it('that is longer than a message may be is cut for the session, and whole for who asks', () => {
    const g = ground();
    const turn = createReplyTurn({
      ...{ guard: g.store.guard, peers: g.store.peers, turnKey: () => 'key', digests: createDigests() },
      ...{ random: systemRandom, clock: g.clock, limits: DELIVERY_LIMITS },
    })(add(g, 'a'), '€'.repeat(30_000));
    expect(Buffer.byteLength(turn.text)).toBeLessThanOrEqual(64 * 1024);
    expect(turn.text).toMatch(/^€+\n\[cut here: [^\]]+ messages show a\]$/);
  });

  it('beyond the budget of the pair waits for a person before it is a turn', () => {
    const g = ground();
    const limits = { ...POLICY_LIMITS, budgets: { ...BUDGETS, turnsPerHour: 0 } };
    const peers = { policy: () => ({ ...g.store.peers.policy(), limits }) };
    const turn = createReplyTurn({
      ...{ guard: g.store.guard, peers, turnKey: () => 'key', digests: createDigests() },
      ...{ random: systemRandom, clock: g.clock, limits: DELIVERY_LIMITS },
    })(add(g, 'a'), 'yes');
    expect(turn.hold).toBe('turns-per-hour');
  });
});
