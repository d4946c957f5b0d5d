/**
 * When a message that did not come through is tried again, and when it is not tried any more.
 *
 * - A peer that says how long to stay away is left alone that long, whatever comes in meanwhile; its owner here may do
 *   otherwise.
 * - A peer that calls us may be back: what waits for it is tried, and a peer that can call and not be called is not stormed.
 * - A clock that jumps ends no message before its time by the clock that only goes forward, sends none twice and loses none.
 * - What was not taken by the peer is taken back here, what it has only with its word; which of the two it is, is never guessed.
 */
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ConversationId } from '../../src/core/message.ts';
import type { OutboxEvent } from '../../src/core/outbox.ts';
import { createMessageControl } from '../../src/delivery/message-control.ts';
import type { OutboxSender } from '../../src/delivery/outbox-sender.ts';
import type { PeerTransport, TaskCancelled } from '../../src/ports/delivery.ts';
import { BOB, CAROL } from '../harness/samples.ts';
import { add, becomes, find, ground, startSender, type Ground } from '../harness/sender-ground.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TALK = 'talk' as ConversationId;
const never = new AbortController().signal;

const BUSY: OutboxEvent = { kind: 'not-delivered', detail: 'sends-exceeded', retryAfterMs: 10 * MINUTE };

/** Every instant of such a test is one of the fake timers. */
function timedGround(): Ground {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  return ground({ now: () => Date.now() });
}

describe('a peer that says how long to stay away', () => {
  /** Busy at the first attempt, and then there. */
  async function busyPeer() {
    const g = timedGround();
    const calls: string[] = [];
    const transport: PeerTransport = {
      deliver: (message, waitMs, signal) => {
        calls.push(message.id);
        return calls.length === 1 ? Promise.resolve(BUSY) : g.peers.deliver(message, waitMs, signal);
      },
    };
    add(g, 'a');
    const sender = startSender(g, { transport });
    await vi.advanceTimersByTimeAsync(100);
    expect(calls).toEqual(['a']);
    return { g, calls, sender };
  }

  it('is not tried before, whatever is new or comes back meanwhile', async () => {
    const { g, calls, sender } = await busyPeer();
    add(g, 'b');
    sender.wake(BOB);
    sender.heard(BOB);
    sender.wake();
    await vi.advanceTimersByTimeAsync(10 * MINUTE - 1_000);
    expect(calls).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([...g.peers.arrivals].sort()).toEqual(['a', 'b']);
  });

  it('is tried at once when its owner here says so', async () => {
    const { g, sender } = await busyPeer();
    sender.retry(BOB);
    await vi.advanceTimersByTimeAsync(100);
    expect(g.peers.arrivals).toEqual(['a']);
  });

  it('holds up no other', async () => {
    const { g, sender } = await busyPeer();
    add(g, 'c', { peer: CAROL });
    sender.wake(CAROL);
    await vi.advanceTimersByTimeAsync(100);
    expect(g.peers.arrivals).toEqual(['c']);
  });

  it('is left alone also when a reply that was waited for comes meanwhile', async () => {
    const g = timedGround();
    const calls: string[] = [];
    const transport: PeerTransport = {
      deliver: (message, waitMs, signal) => {
        calls.push(message.id);
        return message.id === 'b' ? Promise.resolve(BUSY) : g.peers.deliver(message, waitMs, signal);
      },
    };
    add(g, 'a');
    const sender = startSender(g, { transport });
    await vi.advanceTimersByTimeAsync(100);
    add(g, 'b');
    sender.wake(BOB);
    await vi.advanceTimersByTimeAsync(100);
    g.peers.reply('a', 'yes');
    await vi.advanceTimersByTimeAsync(5 * MINUTE);
    expect(find(g, 'a')?.state).toBe('answered');
    expect(calls.filter((id) => id === 'b')).toHaveLength(1);
  });
});

describe('a peer that calls us', () => {
  async function awayFor(ms: number) {
    const g = timedGround();
    g.peers.set(BOB, 'away');
    add(g, 'a');
    const sender = startSender(g);
    await vi.advanceTimersByTimeAsync(ms);
    return { g, sender };
  }

  it('is tried at once when something waits for it', async () => {
    const { g, sender } = await awayFor(10 * MINUTE);
    g.peers.set(BOB, 'there');
    sender.heard(BOB);
    await vi.advanceTimersByTimeAsync(10);
    expect(find(g, 'a')?.state).toBe('accepted');
  });

  it('and cannot be called is not stormed, however often it calls', async () => {
    const { g, sender } = await awayFor(10 * MINUTE);
    const before = g.peers.attempts.length;
    for (let call = 0; call < 600; call += 1) {
      sender.heard(BOB);
      await vi.advanceTimersByTimeAsync(100);
    }
    const tried = g.peers.attempts.length - before;
    expect(tried).toBeGreaterThanOrEqual(5);
    expect(tried).toBeLessThanOrEqual(8);
  });

  it('is asked for nothing more than before when it can be reached', async () => {
    const g = timedGround();
    add(g, 'a');
    const sender = startSender(g);
    await vi.advanceTimersByTimeAsync(100);
    const before = g.peers.attempts.length;
    for (let call = 0; call < 100; call += 1) {
      sender.heard(BOB);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(g.peers.attempts).toHaveLength(before);
  });
});

describe('a clock', () => {
  /** `a` and what follows it in its conversation, and one that lives ten minutes; then the clock jumps an hour ahead. */
  async function jumpedAhead() {
    const g = timedGround();
    g.peers.set(BOB, 'away');
    add(g, 'a', { conversation: TALK });
    add(g, 'short', { expiresAt: Date.now() + 10 * MINUTE });
    const sender = startSender(g);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(find(g, 'short')?.state).toBe('queued');
    vi.setSystemTime(Date.now() + HOUR);
    add(g, 'made-ahead', { conversation: TALK });
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(find(g, 'short')?.state).toBe('expired');
    return { g, sender };
  }
  const arrived = (g: Ground) => [...g.peers.arrivals];

  it('that goes forward and back stops everything, and loses nothing when its owner says that it is right', async () => {
    const { g, sender } = await jumpedAhead();
    vi.setSystemTime(Date.now() - HOUR);
    g.peers.set(BOB, 'there');
    await vi.advanceTimersByTimeAsync(5 * MINUTE);
    expect(arrived(g)).toEqual([]);
    expect(find(g, 'a')).toMatchObject({
      state: 'queued',
      detail: expect.stringMatching(/^clock-behind/) as string,
    });
    g.store.peers.acceptClock();
    sender.wake();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(arrived(g)).toEqual(['a', 'made-ahead']);
  });

  it('that goes forward and back stops everything only until it has caught up', async () => {
    const { g } = await jumpedAhead();
    vi.setSystemTime(Date.now() - HOUR);
    g.peers.set(BOB, 'there');
    await vi.advanceTimersByTimeAsync(HOUR + 2 * MINUTE);
    expect(arrived(g)).toEqual(['a', 'made-ahead']);
  });

  it('that is set back a little delays nothing by what it showed before', async () => {
    const { g } = await jumpedAhead();
    vi.setSystemTime(Date.now() - MINUTE);
    g.peers.set(BOB, 'there');
    await vi.advanceTimersByTimeAsync(35_000);
    expect(arrived(g)).toEqual(['a', 'made-ahead']);
  });

  it('that went back makes no peer that asked for a pause wait longer than it asked', async () => {
    const g = timedGround();
    const deliver = vi.fn<PeerTransport['deliver']>();
    deliver.mockResolvedValueOnce(BUSY).mockResolvedValue({ kind: 'receipt', taskId: 't' });
    add(g, 'a');
    startSender(g, { transport: { deliver } });
    await vi.advanceTimersByTimeAsync(100);
    vi.setSystemTime(Date.now() - 110_000);
    await vi.advanceTimersByTimeAsync(11 * MINUTE);
    expect(find(g, 'a')?.state).toBe('accepted');
  });
});

describe('a message that is taken back', () => {
  let told: TaskCancelled;
  let asked: string[];
  beforeEach(() => {
    told = { kind: 'cancelled' };
    asked = [];
  });

  function controlOf(g: Ground, sender: OutboxSender) {
    return createMessageControl({
      outbox: g.store.outbox,
      peers: g.store.peers,
      sender,
      transport: {
        cancel: (message, taskId) => {
          asked.push(`${message.id} ${taskId}`);
          return Promise.resolve(told);
        },
      },
      clock: g.clock,
      onChange: ({ id, state }) => g.changes.push(`${id} ${state}`),
    });
  }

  it('never reaches the peer, and the next one of its conversation goes', async () => {
    const g = ground();
    g.peers.stumbleOver('a', true);
    for (const id of ['a', 'b']) add(g, id, { conversation: TALK });
    const sender = startSender(g);
    await vi.waitFor(() => expect(find(g, 'a')?.attempts).toBe(1));
    const cancelled = await controlOf(g, sender).cancel('a', never);
    expect(cancelled).toMatchObject({
      state: 'cancelled',
      detail: expect.stringContaining('receipt was lost') as string,
    });
    await becomes(g, 'b', 'accepted');
    expect([g.peers.arrivals, asked]).toEqual([['b'], []]);
    expect(g.changes).toContain('a cancelled');
  });

  it('before anything of it left, or while a person has to look at it, is said to be so', async () => {
    const g = ground();
    const sender = startSender(g);
    add(g, 'a');
    add(g, 'h', { hold: 'grant' });
    for (const id of ['a', 'h']) {
      const after = await controlOf(g, sender).cancel(id, never);
      expect(after).toMatchObject({
        state: 'cancelled',
        detail: 'it was cancelled here before it was handed over',
      });
    }
    sender.wake();
    add(g, 'b');
    sender.wake(BOB);
    await becomes(g, 'b', 'accepted');
    expect(g.peers.arrivals).toEqual(['b']);
  });

  it.each<[string, OutboxEvent, readonly string[]]>([
    ['at the peer, when that turns out to have it', { kind: 'receipt', taskId: 't-1' }, ['a t-1']],
    ['here, when it did not come through', { kind: 'not-delivered', detail: 'no-connection' }, []],
  ])('while it is being handed over is taken back %s', async (_where, outcome, atPeer) => {
    const g = ground();
    const { promise, resolve } = Promise.withResolvers<OutboxEvent>();
    const deliver = vi.fn<PeerTransport['deliver']>();
    deliver.mockReturnValueOnce(promise).mockReturnValue(new Promise(() => undefined));
    add(g, 'a');
    const sender = startSender(g, {
      transport: { deliver: (...args) => raceWithStop(deliver(...args), args[2]) },
    });
    await vi.waitFor(() => expect(deliver).toHaveBeenCalledTimes(1));
    const cancel = controlOf(g, sender).cancel('a', never);
    await new Promise(setImmediate);
    expect(find(g, 'a')?.state).toBe('queued');
    resolve(outcome);
    expect((await cancel).state).toBe('cancelled');
    expect(asked).toEqual(atPeer);
    expect(deliver.mock.calls.filter(([{ state }]) => state === 'queued')).toHaveLength(1);
  });

  it.each<[string, TaskCancelled, string]>([
    [
      'whose agent has begun with it',
      { kind: 'refused', reason: 'task-not-cancelable' },
      'message-not-cancelled',
    ],
    ['that cannot be told', { kind: 'unreachable', detail: 'no-connection' }, 'peer-unreachable'],
  ])('from a peer %s is not, and stands as it stood', async (_what, answer, code) => {
    const g = ground();
    add(g, 'a');
    const sender = startSender(g);
    await becomes(g, 'a', 'accepted');
    told = answer;
    await expect(controlOf(g, sender).cancel('a', never)).rejects.toMatchObject({ code });
    expect(find(g, 'a')?.state).toBe('accepted');
    g.peers.reply('a', 'yes');
    await becomes(g, 'a', 'answered');
    await expect(controlOf(g, sender).cancel('a', never)).rejects.toMatchObject({
      code: 'message-not-cancelled',
    });
    expect(find(g, 'a')).toMatchObject({ state: 'answered', reply: 'yes' });
  });

  it('twice is taken back once, and one that nobody knows is not', async () => {
    const g = ground();
    const sender = startSender(g);
    add(g, 'a');
    const control = controlOf(g, sender);
    await control.cancel('a', never);
    expect((await control.cancel('a', never)).state).toBe('cancelled');
    expect(g.changes).toEqual(['a cancelled']);
    await expect(control.cancel('b', never)).rejects.toMatchObject({ code: 'message-not-found' });
  });
});

/** A transport never outlives the sender's own signal. */
function raceWithStop(event: Promise<OutboxEvent>, signal: AbortSignal): Promise<OutboxEvent> {
  const stopped = new Promise<OutboxEvent>((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'not-delivered', detail: 'stopped' }));
  });
  return Promise.race([event, stopped]);
}
