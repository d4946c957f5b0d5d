/**
 * Ten thousand messages wait for a peer that was away for days, and the proxy starts. Nothing here is measured by a clock:
 * what is counted is how far the database has to look, and how many rows are in memory. `npm run bench` measures.
 */
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { ConversationId } from '../../src/core/message.ts';
import type { OutboxEvent } from '../../src/core/outbox.ts';
import { openDatabase } from '../../src/store/database.ts';
import { createOutboxStore } from '../../src/store/outbox.ts';
import type { OutboxMessage, OutboxStore } from '../../src/ports/messages.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import { queueMany } from '../harness/many-queued.ts';
import { printSize } from '../harness/print-size.ts';
import { BOB, sampleOutbound, samplePeer } from '../harness/samples.ts';
import { add, ground, startSender } from '../harness/sender-ground.ts';
import { tempFolder } from '../harness/temp-folder.ts';
import { tempStore } from '../harness/temp-store.ts';

const MANY = 10_000;
/** As many of them are handed over here: each costs the disk a write that is waited for. The bench hands over all. */
const WATCHED = 1_500;

/** A store with many queued messages to Bob, of so many conversations in turn. */
function withMany(conversations: number, count = MANY) {
  const clock = createFakeClock();
  const folder = tempFolder();
  const store = tempStore(clock, folder);
  store.peers.addPeer(samplePeer(BOB));
  store.peers.putOutboundToken(BOB, 'token');
  store.close();
  const ids = queueMany(join(folder, 'agent-peer.db'), { count, conversations, now: clock.now() });
  return { clock, folder, ids, store: tempStore(clock, folder) };
}

/** Remembers how many rows the store gave out at once at most. */
function countRows(outbox: OutboxStore) {
  const seen = { most: 0 };
  const counted = <R extends readonly OutboxMessage[]>(rows: R): R => {
    seen.most = Math.max(seen.most, rows.length);
    return rows;
  };
  const watched: OutboxStore = {
    ...outbox,
    toHandOver: (...args) => counted(outbox.toHandOver(...args)),
    toAskFor: (...args) => counted(outbox.toAskFor(...args)),
    list: () => {
      throw new Error('the sender lists nothing');
    },
    held: () => {
      throw new Error('the sender lists nothing');
    },
  };
  return { seen, watched };
}

describe('ten thousand queued messages', () => {
  it.each([1, 100, MANY])(
    'drain in the order of each of %d conversations, each once, with few rows in memory',
    async (conversations) => {
      const { clock, ids, store } = withMany(conversations);
      const handedOver: string[] = [];
      const { seen, watched } = countRows(store.outbox);
      const sender = startSender(
        { ...ground(clock), store },
        {
          outbox: watched,
          transport: {
            deliver: ({ id, state }, _waitMs, signal) => {
              if (state === 'queued') {
                handedOver.push(id);
                return Promise.resolve<OutboxEvent>({ kind: 'receipt', taskId: `task-${id}` });
              }
              return new Promise((resolve) =>
                signal.addEventListener('abort', () => resolve({ kind: 'not-delivered', detail: 'stopped' })),
              );
            },
          },
        },
      );
      await vi.waitFor(() => expect(handedOver.length).toBeGreaterThanOrEqual(WATCHED), {
        timeout: 60_000,
        interval: 50,
      });
      await sender.stop();
      const done = handedOver.length;
      expect(store.outbox.counts()).toEqual({ accepted: done, queued: MANY - done });
      const inOrder = (all: readonly string[]) =>
        Object.groupBy(all, (id) => String(Number(id.slice(1)) % conversations));
      expect(inOrder(handedOver)).toEqual(inOrder(ids.slice(0, done)));
      expect(seen.most).toBeLessThanOrEqual(16);
      printSize('outbox drained', `${done} of ${MANY} messages in ${conversations} conversations`);
    },
    90_000,
  );

  it('are found by an index and never by looking at all that wait', () => {
    const { folder, store } = withMany(10, 20);
    store.close();
    const db = openDatabase(join(folder, 'agent-peer.db'));
    const asked: string[] = [];
    createOutboxStore({
      ...db,
      prepare: (sql) => {
        asked.push(sql);
        return db.prepare(sql);
      },
    });
    const ofPeer = asked.filter((sql) => sql.includes('peer = :peer'));
    const plans = ofPeer.map((sql) => db.prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all());
    db.close();
    expect(plans).toHaveLength(8);
    const steps = plans.flat().map(({ detail }) => detail);
    expect(steps.filter((step) => /SCAN outbox|TEMP B-TREE/.test(step))).toEqual([]);
  });

  it('of one conversation have the one first that was first, whoever is taken out or let in between', () => {
    const g = ground();
    const talk = 'talk' as ConversationId;
    add(g, 'held', { conversation: talk, hold: 'grant' });
    for (const id of ['a', 'b', 'c']) add(g, id, { conversation: talk });
    const at = { now: g.clock.now(), nextAttemptAt: g.clock.now() };
    const first = () => g.store.outbox.toHandOver(BOB, g.clock.now(), 10).map(({ id }) => id);
    const does = (id: string, event: OutboxEvent) => {
      g.store.outbox.apply(sampleOutbound(id).id, event, at);
      return first();
    };
    expect(first()).toEqual(['a']);
    expect(does('b', { kind: 'cancelled' })).toEqual(['a']);
    expect(does('held', { kind: 'approved' })).toEqual(['held']);
    expect(does('held', { kind: 'receipt', taskId: 't' })).toEqual(['a']);
    expect(does('a', { kind: 'refused', reason: 'unknown', detail: 'd' })).toEqual(['c']);
    expect(does('c', { kind: 'replied', taskId: 't', reply: null })).toEqual([]);
    add(g, 'd', { conversation: talk });
    expect(first()).toEqual(['d']);
  });
});
