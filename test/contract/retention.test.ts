import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createRetention, ERASED_ROW_MS, sweep } from '../../src/delivery/retention.ts';
import { PLAIN } from '../../src/core/content.ts';
import type { MessageId, TaskId } from '../../src/core/message.ts';
import type { InboxState } from '../../src/core/inbox.ts';
import type { OutboxEvent } from '../../src/core/outbox.ts';
import { AgentPeerError } from '../../src/errors.ts';
import type { NewInboxMessage } from '../../src/ports/messages.ts';
import { createFakeClock, type FakeClock } from '../harness/fake-clock.ts';
import { bringTo } from '../harness/inbox-moves.ts';
import { createMemoryLog, type MemoryLog } from '../harness/memory-log.ts';
import { sampleInbound, sampleOutbound, samplePeer } from '../harness/samples.ts';
import { tempFolder } from '../harness/temp-folder.ts';
import { tempStore, type TempStore } from '../harness/temp-store.ts';

const DAY = 86_400_000;
const MIB = 1024 * 1024;
const LIMITS = { keptMs: 30 * DAY, maxBytes: 512 * MIB };
const REPLIED: OutboxEvent = { kind: 'replied', taskId: 't', reply: 'the reply' };

let clock: FakeClock;
let log: MemoryLog;
let folder: string;
let store: TempStore;
beforeEach(() => {
  clock = createFakeClock();
  log = createMemoryLog();
  folder = tempFolder();
  store = tempStore(clock, folder);
  store.peers.addPeer(samplePeer());
});

const swept = (limits = LIMITS) =>
  sweep(
    { store: store.retention, clock, log, limits, fillReserve: () => undefined },
    new AbortController().signal,
  );

/** Its time to live is over after three days. */
function receive(id: string, state: InboxState = 'replied', over: Partial<NewInboxMessage> = {}): TaskId {
  const message = sampleInbound(id, {
    createdAt: clock.now(),
    hold: state === 'held' ? 'grant' : null,
    ...over,
  });
  store.inbox.accept(message);
  const detail = 'the model said no';
  bringTo(store.inbox, message.taskId, state, { now: clock.now(), reply: 'the reply', detail });
  return message.taskId;
}

function send(id: string, ...events: readonly OutboxEvent[]): MessageId {
  const message = sampleOutbound(id, { createdAt: clock.now() });
  store.outbox.add(message);
  for (const event of events)
    store.outbox.apply(message.id, event, { now: clock.now(), nextAttemptAt: clock.now() });
  return message.id;
}

const inbound = (id: TaskId) => store.inbox.find(id);
const outbound = (id: MessageId) => store.outbox.find(id);

describe('by age', () => {
  it('erases all that was said when it is old, and keeps what is younger', async () => {
    const content = { kind: 'review', fields: { artifact: 'secret plan' }, context: [] } as const;
    const task = receive('old', 'replied', { content });
    const broken = receive('broken', 'failed');
    const answered = send('old', REPLIED);
    const failed = send('failed', { kind: 'failed', detail: 'said the peer' });
    clock.advance(29 * DAY);
    const young = receive('young');
    const youngAnswered = send('young', REPLIED);
    await swept();
    expect(inbound(task)?.reply).toBe('the reply');
    clock.advance(DAY);
    await swept();
    const erasedAt = clock.now();
    expect(inbound(task)).toMatchObject({ text: '', reply: '', content: PLAIN, state: 'replied', erasedAt });
    expect(inbound(broken)).toMatchObject({ text: '', reply: null, detail: null, state: 'failed', erasedAt });
    expect(outbound(answered)).toMatchObject({ text: '', reply: '', state: 'answered', erasedAt });
    expect(outbound(failed)).toMatchObject({ text: '', detail: null, state: 'failed', erasedAt });
    expect(inbound(young)).toMatchObject({ text: 'text of young', reply: 'the reply', erasedAt: null });
    expect(outbound(youngAnswered)).toMatchObject({ text: 'text of young', reply: 'the reply' });
    store = store.reopen();
    expect(inbound(task)).toMatchObject({ text: '', updatedAt: erasedAt - 30 * DAY, erasedAt });
  });

  it('keeps what is open, however old it is', async () => {
    const states = ['held', 'accepted', 'running', 'reply-held'] as const;
    const tasks = states.map((state) => receive(state, state));
    const queued = send('queued');
    const accepted = send('accepted', { kind: 'receipt', taskId: 't' });
    clock.advance(400 * DAY);
    await swept({ keptMs: 8 * DAY, maxBytes: 0 });
    expect(tasks.map((task) => inbound(task)?.text)).toEqual(states.map((state) => `text of ${state}`));
    expect([queued, accepted].map((id) => outbound(id)?.text)).toEqual([
      'text of queued',
      'text of accepted',
    ]);
  });

  it('takes what comes again for a repetition after it was erased, and does not run it again', async () => {
    const task = receive('old');
    clock.advance(31 * DAY);
    await swept();
    store = store.reopen();
    expect(store.inbox.accept(sampleInbound('old', { taskId: 'another' as TaskId }))).toMatchObject({
      kind: 'repeated',
      message: { taskId: task, state: 'replied' },
    });
    expect(store.inbox.accept(sampleInbound('old', { text: 'other', contentDigest: 'x' })).kind).toBe(
      'reused',
    );
    expect(store.inbox.open()).toEqual([]);
  });

  it('deletes a row only when no sender repeats its message any more', async () => {
    const task = receive('old');
    const answered = send('old', REPLIED);
    clock.advance(30 * DAY);
    await swept();
    clock.advance(ERASED_ROW_MS - 1);
    await swept();
    expect([inbound(task)?.state, outbound(answered)?.state]).toEqual(['replied', 'answered']);
    clock.advance(1);
    await swept();
    expect([inbound(task), outbound(answered)]).toEqual([null, null]);
  });

  it('goes through many in one sweep', async () => {
    for (let n = 0; n < 120; n += 1) receive(`m-${n}`, 'expired');
    clock.advance(31 * DAY);
    await swept();
    expect(store.inbox.list(200).filter(({ erasedAt }) => erasedAt === null)).toEqual([]);
  });
});

describe('by size', () => {
  const FULL = { ...LIMITS, maxBytes: 0 };

  it('erases the oldest first, of both directions, until there is room', async () => {
    for (let n = 0; n < 200; n += 1) {
      receive(`in-${n}`, 'expired', { text: 'x'.repeat(60_000) });
      clock.advance(1000);
      if (n === 0) send('first', REPLIED);
    }
    clock.advance(3 * DAY);
    await swept({ ...LIMITS, maxBytes: 8 * MIB });
    expect(store.retention.room().used).toBeLessThanOrEqual(8 * MIB);
    const erased = store.inbox.list(200).map(({ erasedAt }) => erasedAt !== null);
    // Newest first: those that are erased are one run at the end.
    expect(erased.indexOf(true)).toBeGreaterThan(50);
    expect(erased.slice(erased.indexOf(true))).not.toContain(false);
    expect(outbound('first' as MessageId)?.text).toBe('');
  });

  it('keeps a reply until its sender was given it, or has given up asking', async () => {
    const [unfetched, fetched] = [receive('unfetched'), receive('fetched')];
    store.inbox.fetched(fetched, clock.now());
    clock.advance(2 * DAY);
    await swept(FULL);
    expect(inbound(unfetched)).toMatchObject({ reply: 'the reply', erasedAt: null });
    expect(inbound(fetched)).toMatchObject({ reply: '' });
    clock.advance(DAY);
    await swept(FULL);
    expect(inbound(unfetched)).toMatchObject({ reply: '' });
  });

  it('keeps what is younger than two days, and says that there is too much', async () => {
    const task = receive('young', 'failed');
    clock.advance(2 * DAY - 1);
    await swept(FULL);
    expect(inbound(task)?.text).toBe('text of young');
    expect(log.text()).toContain('retention-size-exceeded');
  });

  it('gives the room back to the disk, and the store goes on in the smaller file', async () => {
    const text = 'x'.repeat(1_000_000);
    for (let n = 0; n < 40; n += 1) receive(`in-${n}`, 'expired', { text });
    const size = () => statSync(join(folder, 'agent-peer.db')).size;
    store = store.reopen();
    const before = size();
    expect(before).toBeGreaterThan(30 * MIB);
    clock.advance(31 * DAY);
    await swept();
    expect(size()).toBeLessThan(4 * MIB);
    expect(receive('next', 'accepted')).toBe('task-next');
    expect(store.peers.policy().peers).toHaveLength(1);
    store = store.reopen();
    expect(store.inbox.counts()).toEqual({ accepted: 1, expired: 40 });
  });

  it('leaves nothing of what was erased in the file', async () => {
    receive('old', 'failed', { text: `${'x'.repeat(20_000)} the-secret-word` });
    clock.advance(31 * DAY);
    await swept();
    store.close();
    expect(readFileSync(join(folder, 'agent-peer.db')).includes('the-secret-word')).toBe(false);
  });
});

describe('a sweep', () => {
  it('that fails says so, does what else there is, and is tried again', async () => {
    const task = receive('old');
    clock.advance(31 * DAY);
    const full = new AgentPeerError('storage-unavailable', 'the disk is full', 'Free some space');
    const broken = {
      ...store.retention,
      erase: () => {
        throw full;
      },
    };
    await sweep(
      { store: broken, clock, log, limits: LIMITS, fillReserve: () => undefined },
      new AbortController().signal,
    );
    expect(log.text()).toContain('the disk is full');
    expect(inbound(task)?.text).toBe('text of old');
    await swept();
    expect(inbound(task)?.text).toBe('');
  });

  it('is made at the start, and none goes on after a stop', async () => {
    const task = receive('old');
    clock.advance(31 * DAY);
    const retention = createRetention({
      store: store.retention,
      clock,
      log,
      limits: LIMITS,
      fillReserve: () => undefined,
    });
    retention.start();
    await vi.waitFor(() => expect(inbound(task)?.text).toBe(''));
    await retention.stop();
  });
});
