/**
 * What an owner stops, stands still: all of it, or what is of one peer.
 *
 * - Turns that run are stopped in the gateway, and their messages end as failed, with the reason in plain words. So do
 *   those of a peer that is revoked.
 * - Nothing is begun for who is paused, also after a restart; it is kept, and run once when the owner lets it go on.
 * - What a restart left running is stopped and looked for, and never handed over again.
 * - Who is paused stands in nobody's way.
 * - Nothing is handed over to a peer or asked of it, what is under way is cut, and no pause uses up a message's tries.
 */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { DenyReason } from '../../src/core/decision.ts';
import type { InboxState } from '../../src/core/inbox.ts';
import type { TaskId } from '../../src/core/message.ts';
import type { PeerName } from '../../src/core/peer.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import { turnObstacle } from '../../src/core/turn-obstacle.ts';
import { createInboxWorker } from '../../src/delivery/inbox-worker.ts';
import { DELIVERY_LIMITS } from '../../src/delivery/limits.ts';
import { createOutboxSender } from '../../src/delivery/outbox-sender.ts';
import { systemRandom } from '../../src/system.ts';
import { createFakeClock, type FakeClock } from '../harness/fake-clock.ts';
import { bringTo } from '../harness/inbox-moves.ts';
import { createMemoryLog } from '../harness/memory-log.ts';
import { BOB, CAROL, sampleInbound, sampleOutbound, samplePeer } from '../harness/samples.ts';
import { createScriptedGateway, type ScriptedGateway } from '../harness/scripted-gateway.ts';
import { createScriptedPeers } from '../harness/scripted-peers.ts';
import { tempStore, type TempStore } from '../harness/temp-store.ts';
import { NO_REPLY_TURNS } from '../harness/reply-turns.ts';
import { NO_SEND_BACK } from '../harness/no-send-back.ts';

const SHARED = 'agent:main:shared' as SessionKey;
const HOUR = 3_600_000;

interface Ground {
  readonly store: TempStore;
  readonly gateway: ScriptedGateway;
  readonly clock: FakeClock;
}

function ground(): Ground {
  const clock = createFakeClock();
  const store = tempStore(clock);
  for (const name of [BOB, CAROL]) {
    store.peers.addPeer(samplePeer(name));
    store.peers.putOutboundToken(name, `token for ${name}`);
  }
  return { store, gateway: createScriptedGateway(), clock };
}

type Obstacle = (peer: PeerName) => DenyReason | null;

function startWorker({ store, gateway, clock }: Ground, obstacle?: Obstacle) {
  const worker = createInboxWorker({
    sendBack: NO_SEND_BACK,
    inbox: store.inbox,
    replyHolds: () => null,
    restores: [],
    gateway,
    obstacle: obstacle ?? ((peer) => turnObstacle(peer, store.peers.policy(), clock.now())),
    clock,
    log: createMemoryLog(),
    random: systemRandom,
    onChange: () => undefined,
    limits: { ...DELIVERY_LIMITS, lookEveryMs: 5, undecidedMs: 20, sweepEveryMs: 10, stopGraceMs: 20 },
  });
  worker.start();
  onTestFinished(() => worker.stop());
  return worker;
}

function accept({ store }: Ground, id: string, peer = BOB, session = `agent:main:${id}`): void {
  store.inbox.accept(sampleInbound(id, { peer, sessionKey: session as SessionKey }));
}

const find = ({ store }: Ground, id: string) => store.inbox.find(`task-${id}` as TaskId);
const becomes = (g: Ground, id: string, state: InboxState) =>
  vi.waitFor(() => expect(find(g, id)?.state).toBe(state), { timeout: 5_000, interval: 2 });
const keys = ({ gateway }: Ground) => gateway.turns.map(({ key }) => key);
const runs = (g: Ground, count: number) => vi.waitFor(() => expect(g.gateway.turns).toHaveLength(count));
/** Turns that never end by themselves. */
const holdTurns = ({ gateway }: Ground) => gateway.answer(() => new Promise(() => undefined));
/** All that there is to be done has been looked at: a message of somebody else's was run since. */
async function isIdle(g: Ground, worker: { wake(): void }, id: string): Promise<void> {
  accept(g, id, CAROL);
  worker.wake();
  await becomes(g, id, 'replied');
}

describe('turns that run', () => {
  const oneTurnOfEach = async () => {
    const g = ground();
    accept(g, 'a');
    accept(g, 'b', CAROL);
    holdTurns(g);
    const worker = startWorker(g);
    await runs(g, 2);
    return { g, worker };
  };

  it('are stopped by a pause of everything, and their messages say so', async () => {
    const { g, worker } = await oneTurnOfEach();
    g.store.peers.setPaused(true);
    expect(worker.abort(null, 'paused')).toBe(2);
    await becomes(g, 'a', 'failed');
    await becomes(g, 'b', 'failed');
    expect([...g.gateway.aborts].sort()).toEqual(['key-a', 'key-b']);
    expect(find(g, 'a')?.detail).toBe('stopped by its owner here: paused');
  });

  it('are stopped by a pause of their peer, and those of others go on', async () => {
    const { g, worker } = await oneTurnOfEach();
    g.store.peers.pause(BOB);
    expect(worker.abort(BOB, 'paused')).toBe(1);
    await becomes(g, 'a', 'failed');
    expect([g.gateway.aborts, find(g, 'b')?.state]).toEqual([['key-a'], 'running']);
  });

  it('are stopped when their peer is revoked, and their messages say so', async () => {
    const g = ground();
    accept(g, 'a');
    holdTurns(g);
    const worker = startWorker(g);
    await runs(g, 1);
    g.store.peers.revoke(BOB, g.clock.now());
    worker.abort(BOB, 'revoked');
    await becomes(g, 'a', 'failed');
    expect([g.gateway.aborts, find(g, 'a')?.detail]).toEqual([['key-a'], 'its sender was revoked here']);
  });

  it('that the gateway took nothing of wait when their peer is paused, and are over when it was revoked', async () => {
    for (const [cut, state] of [
      ['paused', 'accepted'],
      ['revoked', 'cancelled'],
    ] as const) {
      const g = ground();
      accept(g, 'a');
      let refuse: (outcome: { kind: 'not-sent'; detail: string }) => void = () => undefined;
      const asked = new Promise<void>((begun) => {
        g.gateway.runTurn = () => {
          begun();
          return new Promise((resolve) => (refuse = resolve));
        };
      });
      const worker = startWorker(g);
      await asked;
      if (cut === 'paused') g.store.peers.pause(BOB);
      else g.store.peers.revoke(BOB, g.clock.now());
      worker.abort(BOB, cut);
      refuse({ kind: 'not-sent', detail: 'the gateway is starting or stopping' });
      await becomes(g, 'a', state);
    }
  });

  it('and have just ended keep their reply', async () => {
    const g = ground();
    accept(g, 'a');
    g.gateway.nextOutcomes({ kind: 'replied', text: 'just in time' });
    const worker = startWorker(g);
    await becomes(g, 'a', 'replied');
    g.store.peers.pause(BOB);
    worker.abort(BOB, 'paused');
    expect(find(g, 'a')).toMatchObject({ state: 'replied', reply: 'just in time' });
  });
});

describe('a message that was accepted', () => {
  it.each([
    ['of a paused peer', (g: Ground) => g.store.peers.pause(BOB), (g: Ground) => g.store.peers.resume(BOB)],
    [
      'in a paused stack',
      (g: Ground) => g.store.peers.setPaused(true),
      (g: Ground) => g.store.peers.setPaused(false),
    ],
  ])('%s is not begun, also after a restart, and is run once after that', async (_what, pause, resume) => {
    const g = ground();
    accept(g, 'a');
    pause(g);
    const after = { ...g, store: g.store.reopen() };
    const looked = vi.spyOn(after.store.inbox, 'waitingPeers');
    const worker = startWorker(after);
    await vi.waitFor(() => expect(looked.mock.calls.length).toBeGreaterThan(2));
    expect([find(after, 'a')?.state, g.gateway.turns.length]).toEqual(['accepted', 0]);
    resume(after);
    worker.wake();
    await becomes(after, 'a', 'replied');
    expect(keys(g)).toEqual(['key-a']);
  });

  it('of a paused peer stands in nobody’s way: not in a session, not among the places', async () => {
    const g = ground();
    for (let i = 0; i < 20; i += 1) accept(g, `bob${i}`);
    accept(g, 'first', BOB, SHARED);
    accept(g, 'second', CAROL, SHARED);
    for (let i = 0; i < 5; i += 1) accept(g, `carol${i}`, CAROL);
    g.store.peers.pause(BOB);
    const worker = startWorker(g);
    for (let i = 0; i < 5; i += 1) await becomes(g, `carol${i}`, 'replied');
    await becomes(g, 'second', 'replied');
    expect(keys(g).filter((key) => !key.startsWith('key-carol'))).toEqual(['key-second']);
    g.store.peers.resume(BOB);
    worker.wake();
    await becomes(g, 'first', 'replied');
    await becomes(g, 'bob19', 'replied');
    expect(new Set(keys(g)).size).toBe(27);
    expect(g.gateway.turns).toHaveLength(27);
  });

  it('of a peer that has expired is not begun, and ends with its own time', async () => {
    const g = ground();
    const dave = 'dave' as PeerName;
    g.store.peers.addPeer(samplePeer(dave, { expiresAt: g.clock.now() }));
    g.store.inbox.accept(sampleInbound('a', { peer: dave, expiresAt: g.clock.now() + HOUR }));
    const worker = startWorker(g);
    await isIdle(g, worker, 'c');
    expect(find(g, 'a')?.state).toBe('accepted');
    g.clock.advance(HOUR);
    await becomes(g, 'a', 'expired');
    expect(keys(g)).toEqual(['key-c']);
  });

  it('is not begun while it cannot be read who may', async () => {
    const g = ground();
    accept(g, 'a');
    let asked = 0;
    let broken = true;
    startWorker(g, () => {
      asked += 1;
      if (broken) throw new Error('the policy is unreadable');
      return null;
    });
    await vi.waitFor(() => expect(asked).toBeGreaterThan(2));
    expect([find(g, 'a')?.state, g.gateway.turns.length]).toEqual(['accepted', 0]);
    broken = false;
    await becomes(g, 'a', 'replied');
  });
});

describe('a turn that a restart left running', () => {
  function left(): Ground {
    const g = ground();
    accept(g, 'a');
    bringTo(g.store.inbox, 'task-a', 'running', { now: 1 });
    return g;
  }

  it('is stopped while its peer is paused, and its end is kept', async () => {
    const g = left();
    g.store.peers.pause(BOB);
    g.gateway.remember('key-a', { kind: 'running' });
    startWorker(g);
    await vi.waitFor(() => expect(g.gateway.aborts).toContain('key-a'));
    g.gateway.remember('key-a', { kind: 'failed', detail: 'the turn failed in the gateway' });
    await becomes(g, 'a', 'failed');
    expect(find(g, 'a')?.detail).toBe('stopped by its owner here: paused');
    expect(g.gateway.turns).toEqual([]);
  });

  it('is stopped when its peer is paused while it is looked for', async () => {
    const g = left();
    g.gateway.remember('key-a', { kind: 'running' });
    const worker = startWorker(g);
    await vi.waitFor(() => expect(g.gateway.looks()).toBeGreaterThan(1));
    expect(g.gateway.aborts).toEqual([]);
    g.store.peers.setPaused(true);
    expect(worker.abort(null, 'paused')).toBe(1);
    await vi.waitFor(() => expect(g.gateway.aborts).toContain('key-a'));
  });

  it('and that the session never had waits until its peer may go on, and is then run once', async () => {
    const g = left();
    g.store.peers.pause(BOB);
    const worker = startWorker(g);
    await becomes(g, 'a', 'accepted');
    await isIdle(g, worker, 'c');
    expect(keys(g)).toEqual(['key-c']);
    g.store.peers.resume(BOB);
    worker.wake();
    await becomes(g, 'a', 'replied');
    expect(keys(g)).toEqual(['key-c', 'key-a']);
  });

  it('and that the session never had is over when its peer was revoked', async () => {
    const g = left();
    g.store.peers.revoke(BOB, g.clock.now());
    startWorker(g);
    await becomes(g, 'a', 'cancelled');
    expect(find(g, 'a')?.detail).toBe('its sender was revoked here');
    expect(g.gateway.turns).toEqual([]);
  });
});

describe('to a peer', () => {
  function sending() {
    const g = ground();
    const peers = createScriptedPeers();
    const sender = createOutboxSender({
      replyHolds: () => null,
      replyTurn: NO_REPLY_TURNS,
      outbox: g.store.outbox,
      peers: g.store.peers,
      transport: peers,
      clock: g.clock,
      log: createMemoryLog(),
      random: systemRandom,
      onChange: () => undefined,
      limits: DELIVERY_LIMITS,
    });
    sender.start();
    onTestFinished(() => sender.stop());
    const add = (id: string, peer = BOB) =>
      g.store.outbox.add(sampleOutbound(id, { peer, createdAt: g.clock.now() }));
    const stateOf = (id: string) => g.store.outbox.find(id)?.state;
    return { ...g, peers, sender, add, stateOf };
  }

  it.each([
    ['while everything is paused', undefined, 'this stack is paused'],
    ['while it is paused', BOB, '"bob" is paused on this side'],
  ] as const)(
    'nothing is handed over %s; it says why, and goes out once afterwards',
    async (_what, who, why) => {
      const s = sending();
      if (who === undefined) s.store.peers.setPaused(true);
      else s.store.peers.pause(who);
      s.add('a');
      s.sender.wake(BOB);
      await vi.waitFor(() => expect(s.store.outbox.find('a')?.detail).toBe(why));
      expect([s.stateOf('a'), s.peers.attempts]).toEqual(['queued', []]);
      if (who === undefined) s.store.peers.setPaused(false);
      else s.store.peers.resume(who);
      s.sender.wake(who);
      await vi.waitFor(() => expect(s.stateOf('a')).toBe('accepted'));
      expect(s.peers.arrivals).toEqual(['a']);
    },
  );

  it('goes everything that is for others', async () => {
    const s = sending();
    s.store.peers.pause(BOB);
    s.add('a');
    s.add('b', CAROL);
    s.sender.wake();
    await vi.waitFor(() => expect(s.stateOf('b')).toBe('accepted'));
    expect(s.stateOf('a')).toBe('queued');
  });

  it('what is under way is cut, and no reply is asked for until it may', async () => {
    const s = sending();
    s.add('a');
    s.add('b', CAROL);
    s.sender.wake();
    const asked = () => s.peers.attempts.filter((id) => id === 'a').length;
    await vi.waitFor(() => expect([asked(), s.stateOf('b')]).toEqual([2, 'accepted']));
    s.store.peers.setPaused(true);
    s.sender.cut();
    s.sender.wake();
    s.peers.reply('a', 'meanwhile');
    s.add('c');
    s.sender.wake();
    await vi.waitFor(() => expect(s.store.outbox.find('c')?.detail).toBe('this stack is paused'));
    expect([asked(), s.stateOf('a')]).toEqual([2, 'accepted']);
    s.store.peers.setPaused(false);
    s.sender.wake();
    await vi.waitFor(() => expect(s.stateOf('a')).toBe('answered'));
    expect(s.peers.arrivals.filter((id) => id === 'a')).toHaveLength(1);
  });

  it('a message that it has is not given up for a pause that is longer than its time to live', async () => {
    const s = sending();
    s.add('a');
    s.sender.wake();
    await vi.waitFor(() => expect(s.stateOf('a')).toBe('accepted'));
    s.store.peers.pause(BOB);
    s.sender.cut(BOB);
    s.clock.advance(1000 * HOUR);
    const { attempts } = s.store.outbox.find('a') ?? {};
    s.add('late');
    for (let tries = 1; tries < 4; tries += 1) {
      s.sender.wake(BOB);
      await vi.waitFor(() => expect(s.store.outbox.find('late')?.attempts).toBe(tries));
    }
    expect(s.store.outbox.find('a')).toMatchObject({ state: 'accepted', attempts });
    s.peers.reply('a', 'at last');
    s.store.peers.resume(BOB);
    s.sender.wake(BOB);
    await vi.waitFor(() => expect(s.stateOf('a')).toBe('answered'));
  });
});
