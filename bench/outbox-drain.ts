/**
 * `npm run bench`: a stack starts with 10,000 queued messages, and hands them all over to a peer that takes them at once.
 * Times depend on the disk, so each is told as a ratio to something that the same disk did in the same run.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DELIVERY_LIMITS } from '../src/delivery/limits.ts';
import { createOutboxSender } from '../src/delivery/outbox-sender.ts';
import type { PeerTransport } from '../src/ports/delivery.ts';
import { openStore, type Store } from '../src/store/open.ts';
import { systemClock as clock, systemRandom as random } from '../src/system.ts';
import { createMemoryLog } from '../test/harness/memory-log.ts';
import { queueMany } from '../test/harness/many-queued.ts';
import { BOB, samplePeer } from '../test/harness/samples.ts';
import { NO_REPLY_TURNS } from '../test/harness/reply-turns.ts';

const MANY = 10_000;
const FEW = 10;
const CONVERSATIONS = 100;
const STARTS = 7;
const MARKS = [1_000, 5_000, MANY];

const root = mkdtempSync(join(tmpdir(), 'agent-peer-bench-'));
const log = createMemoryLog();
const open = (folder: string): Store =>
  openStore({ dataDir: folder, keyFile: join(folder, 'key'), clock, log });
const fileIn = (folder: string): string => join(folder, 'agent-peer.db');

/** A folder with a store in which so many messages to Bob wait. */
function prepare(count: number): string {
  const folder = mkdtempSync(join(root, 'store-'));
  const store = open(folder);
  store.peers.addPeer(samplePeer(BOB));
  store.peers.putOutboundToken(BOB, 'token');
  store.close();
  queueMany(fileIn(folder), { count, conversations: CONVERSATIONS, now: clock.now() });
  return folder;
}

function startSender(store: Store, transport: PeerTransport) {
  const onChange = (): void => undefined;
  const parts = { outbox: store.outbox, peers: store.peers, transport, clock, random, log, onChange };
  const replies = { replyHolds: () => null, replyTurn: NO_REPLY_TURNS };
  const sender = createOutboxSender({ ...parts, ...replies, limits: DELIVERY_LIMITS });
  sender.start();
  return sender;
}

/** Takes every message at once, and never answers one. */
function takingPeer(taken: (id: string) => void): PeerTransport {
  return {
    deliver: ({ id, state }, _waitMs, signal) => {
      if (state === 'queued') {
        taken(id);
        return Promise.resolve({ kind: 'receipt', taskId: `task-${id}` });
      }
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'not-delivered', detail: 'stopped' }));
      });
    },
  };
}

/** From nothing until the first message is on its way; nothing is changed. */
async function timeStart(folder: string): Promise<number> {
  const began = performance.now();
  const store = open(folder);
  const { promise, resolve } = Promise.withResolvers<number>();
  const sender = startSender(store, {
    deliver: (_message, _waitMs, signal) => {
      resolve(performance.now() - began);
      return new Promise((ended) => {
        signal.addEventListener('abort', () => ended({ kind: 'not-delivered', detail: 'stopped' }));
      });
    },
  });
  const ms = await promise;
  await sender.stop();
  store.close();
  return ms;
}

const median = (all: readonly number[]): number =>
  [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** Hands all over; answers how long that took without the measuring, in what order, and the memory on the way. */
async function drain(folder: string) {
  const store = open(folder);
  const order: string[] = [];
  const heaps: string[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let measuringMs = 0;
  const transport = takingPeer((id) => {
    order.push(id);
    if (!MARKS.includes(order.length)) return;
    const began = performance.now();
    heaps.push(`${order.length}: ${heapMb().toFixed(1)} MB`);
    measuringMs += performance.now() - began;
    if (order.length === MANY) resolve(undefined);
  });
  const before = heapMb();
  const began = performance.now();
  const sender = startSender(store, transport);
  await promise;
  await sender.stop();
  const ms = performance.now() - began - measuringMs;
  const counts = store.outbox.counts();
  store.close();
  return { ms, order, heaps: [`0: ${before.toFixed(1)} MB`, ...heaps], counts };
}

/** The same change of every row, each on disk before the next, and nothing else. */
function bareLoop(folder: string): number {
  const db = new DatabaseSync(fileIn(folder));
  db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  const change = db.prepare(
    `UPDATE outbox SET state = 'accepted', attempts = 1, updated_at = ?, next_attempt_at = ?, task_id = ? WHERE id = ?`,
  );
  const began = performance.now();
  for (let index = 0; index < MANY; index += 1) {
    const now = clock.now();
    change.run(now, now, `task-m${index}`, `m${index}`);
  }
  const ms = performance.now() - began;
  db.close();
  return ms;
}

function isInOrder(order: readonly string[]): boolean {
  const last = new Map<number, number>();
  return order.every((id) => {
    const index = Number(id.slice(1));
    const before = last.get(index % CONVERSATIONS) ?? -1;
    last.set(index % CONVERSATIONS, index);
    return index > before;
  });
}

const say = (what: string, value: string): void => console.log(`${what.padEnd(44)}${value}`);

async function run(): Promise<void> {
  const [few, many] = [prepare(FEW), prepare(MANY)];
  const bare = mkdtempSync(join(root, 'bare-'));
  copyFileSync(fileIn(many), fileIn(bare));

  const starts = { few: [] as number[], many: [] as number[] };
  for (let turn = 0; turn < STARTS; turn += 1) {
    starts.few.push(await timeStart(few));
    starts.many.push(await timeStart(many));
  }
  const [fewMs, manyMs] = [median(starts.few), median(starts.many)];
  say(`start with ${FEW} waiting, until the first goes`, `${fewMs.toFixed(0)} ms`);
  say(`start with ${MANY} waiting`, `${manyMs.toFixed(0)} ms, ${(manyMs / fewMs).toFixed(2)} times as long`);

  const { ms, order, heaps, counts } = await drain(many);
  const bareMs = bareLoop(bare);
  const rate = (took: number) => `${((MANY / took) * 1000).toFixed(0)} a second`;
  say(`the same ${MANY} changes in bare SQLite`, rate(bareMs));
  say(`${MANY} messages handed over`, `${rate(ms)}, ${(bareMs / ms).toFixed(2)} of that`);
  say('handed over, each once', `${order.length}, ${new Set(order).size === order.length}`);
  say('in order within each conversation', String(isInOrder(order)));
  say('afterwards in the outbox', JSON.stringify(counts));
  say('heap after so many', heaps.join(', '));
}

await run().finally(() => rmSync(root, { recursive: true }));
