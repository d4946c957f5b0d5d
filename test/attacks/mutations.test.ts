/**
 * Ten thousand times a good request of a paired peer, damaged at random. Each of them ends in an answer or a closed
 * connection; the gateway runs exactly what was taken, and in that peer's sessions; nothing of it stays in memory, and
 * the listener serves as before.
 *
 * The same seed does the same damage: MUTATIONS_SEED and MUTATIONS_COUNT choose others.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gateway } from '../../src/ports/gateway.ts';
import { systemClock } from '../../src/system.ts';
import { grantOf, peerAt, sessionOf, startProxy, type Caller } from '../harness/door-proxy.ts';
import { tailnetNode, tailnetState } from '../harness/fake-tailnet.ts';
import { mutate } from '../harness/mutate.ts';
import { ADDRESS, rawRequest, send, sendMessageBody, type RawAnswer } from '../harness/peer-listener.ts';
import { printSize } from '../harness/print-size.ts';
import { createSeededRandom, type SeededRandom } from '../../src/lab/seeded-random.ts';
import { throwBytes, type Manner, type Thrown } from '../harness/throw-bytes.ts';
import { ROOMY } from '../harness/budgets.ts';

const SEED = Number(process.env['MUTATIONS_SEED'] ?? 20_260_401);
const COUNT = Number(process.env['MUTATIONS_COUNT'] ?? 10_000);
/** What is compiled, cached and allocated once is there after so many. */
const WARM_UP = Math.floor(COUNT / 10);
const AT_ONCE = 32;
/** Longer than every time-out of the listener together. */
const HANG_MS = 10_000;
/** Less than half a kilobyte for each: one socket, request or timer that stays costs several. */
const GROWTH_BYTES = 4 * 1024 * 1024;

/** Nobody may send so much; here it is the point. The times are short, because half of a request is waited for. */
const SENDS = { sendsPerMinute: 1_000_000, totalSendsPerMinute: 1_000_000, budgets: ROOMY };
const LIMITS = {
  ...{ attemptsPerMinute: 1_000_000, pollsPerMinute: 1_000_000 },
  ...{ connections: 256, connectionsPerNode: 256, waits: 64, waitsPerPeer: 64 },
  ...{ headersMs: 200, requestMs: 300, idleMs: 1000, waitMs: 1000, answerMs: 1000 },
};

/** Answers at once, and keeps nothing but numbers. */
function countingGateway() {
  const turns = new Map<string, number>();
  const gateway: Gateway = {
    state: () => ({ kind: 'ready', version: 'counting', scopes: [] }),
    whenReady: () => Promise.resolve(),
    findTurn: () => Promise.resolve({ kind: 'absent' }),
    abortTurn: () => Promise.resolve(),
    runTurn: ({ sessionKey }) => {
      turns.set(sessionKey, (turns.get(sessionKey) ?? 0) + 1);
      return Promise.resolve({ kind: 'replied', text: 'yes' });
    },
  };
  return { gateway, turns };
}

/** Bob has two aliases; carol has all that are one slip away from them. */
const BOBS = ['handoff', 'inbox'];
const CAROLS = ['andoff', 'hando', 'handof', 'handofff', 'handoff2', 'inbo', 'inboxx', 'nbox', 'inb0x'];

async function startGround() {
  const dataDir = mkdtempSync(join(tmpdir(), 'agent-peer-mutations-'));
  const tailnet = tailnetState(tailnetNode('nself', ADDRESS.self));
  const { gateway, turns } = countingGateway();
  const counts = { accepted: 0, decisions: 0, trouble: 0 };
  const proxy = await startProxy({
    ...{ dataDir, tailnet, gateway, clock: systemClock, state: { obstacle: null } },
    audit: {
      record: ({ reason }) => {
        counts.decisions += 1;
        if (reason === 'accepted') counts.accepted += 1;
      },
    },
    log: { info: () => undefined, warn: () => undefined, error: () => void (counts.trouble += 1) },
    options: { limits: LIMITS, policyLimits: SENDS },
  });
  const { peers } = proxy.store;
  const [bob, carol] = [peerAt(tailnet, 'bob', ADDRESS.bob), peerAt(tailnet, 'carol', ADDRESS.carol)];
  for (const { peer } of [bob, carol]) peers.addPeer(peer);
  for (const alias of BOBS) peers.putGrant(grantOf('bob', alias));
  for (const alias of CAROLS) peers.putGrant(grantOf('carol', alias));
  return { proxy, turns, counts, dataDir, bob: bob.caller, port: proxy.server.port() ?? 0 };
}

type Ground = Awaited<ReturnType<typeof startGround>>;

const NOW = { returnImmediately: true };

/** Says who it is so often that no small damage makes it nameless. */
const wordsOf = (n: number) =>
  Array<string>(5)
    .fill(`mark-${String(n).padStart(6, '0')}-`)
    .join(' ');
/** What most of it says: a digit may have been damaged into another. */
function nameIn(text: string): number {
  const names = [...text.matchAll(/mark-(\d{6})-/g)].map(([, digits]) => Number(digits));
  const times = (name: number) => names.filter((one) => one === name).length;
  return names.reduce((best, name) => (times(name) > times(best) ? name : best), names[0] ?? Number.NaN);
}

function rpc(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
}

function chunked(sent: Buffer): Buffer {
  const end = sent.indexOf('\r\n\r\n') + 4;
  const head = sent
    .subarray(0, end)
    .toString()
    .replace(/content-length: \d+/, 'transfer-encoding: chunked');
  const body = sent.subarray(end).toString();
  return Buffer.from(`${head}${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`);
}

/** One good request of each kind, by number. `task` is one of bob's that is over. */
function requestsOf(caller: Caller, task: string, n: number): readonly [Buffer, ...Buffer[]] {
  const messageId = `m-${n}`;
  const parts = [{ text: wordsOf(n) }];
  const extension = { 'urn:agent-peer:message:1': { hop: 1, ttlSeconds: 600 } };
  const long = { messageId, parts, contextId: `c-${n}`, metadata: extension, referenceTaskIds: [task] };
  const args = { sessionKey: 'inbox', message: wordsOf(n), agentId: 'main', timeoutSeconds: 1 };
  const post = (path: string, body: string) => rawRequest({ ...caller, path, body });
  const get = (path: string) => rawRequest({ ...caller, path, method: 'GET' });
  return [
    post('/a2a/v1', sendMessageBody({ messageId, parts }, NOW)),
    post('/a2a/v1/handoff', sendMessageBody(long)),
    chunked(post('/a2a/v1/inbox', sendMessageBody({ messageId, parts }, NOW))),
    post('/tools/invoke', JSON.stringify({ tool: 'sessions_send', args })),
    post('/a2a/v1/handoff', rpc('GetTask', { id: task, historyLength: 0 })),
    post('/a2a/v1', rpc('tasks/cancel', { id: task })),
    post('/pair', JSON.stringify({ type: 'news', confirmed: true, ready: false })),
    get('/.well-known/agent-card.json'),
    get('/health'),
  ];
}

function mannerOf(random: SeededRandom): Manner {
  if (random.once(3)) return 'half-closes';
  return random.once(20) ? 'goes' : 'stays';
}

/** The task of a message that this answer says was taken; null for any other answer. */
function takenIn({ status, body }: RawAnswer): string | null {
  if (status !== 200) return null;
  const { result } = JSON.parse(body) as {
    result?: { task?: { id: string }; details?: { runId: string } };
  };
  return result?.task?.id ?? result?.details?.runId ?? null;
}

let ground: Ground;
let task = '';
const seen = {
  /** Tasks of messages that were answered as taken. */
  taken: new Set<string>(),
  /** Numbers of the requests that stood alone on their connection and were answered with a refusal. */
  refused: new Set<number>(),
  hung: [] as string[],
  statuses: new Map<number, number>(),
};

beforeAll(async () => {
  ground = await startGround();
  const answer = await send(ground.port, { ...ground.bob, body: sendMessageBody({ messageId: 'first' }) });
  task = takenIn(answer) ?? '';
});
afterAll(async () => {
  await ground.proxy.stop();
  rmSync(ground.dataDir, { recursive: true, force: true });
  const statuses = [...seen.statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, times]) => `${status}: ${times}`);
  printSize('mutations', `${COUNT} requests with seed ${SEED}, send limits raised; ${statuses.join(', ')}`);
});

function note(n: number, bytes: Buffer, { answers, ended }: Thrown): void {
  if (ended === 'hung') seen.hung.push(`${n}: ${JSON.stringify(bytes.toString('latin1'))}`);
  for (const { status } of answers) seen.statuses.set(status, (seen.statuses.get(status) ?? 0) + 1);
  const taken = answers.map(takenIn).filter((id) => id !== null && id !== task);
  for (const id of taken) seen.taken.add(id ?? '');
  const alone = bytes.toString('latin1').split('HTTP/1.1').length <= 2;
  if (alone && answers.length > 0 && taken.length === 0) seen.refused.add(n);
}

async function throwOne(n: number): Promise<void> {
  const random = createSeededRandom(SEED + n * 7919);
  const requests = requestsOf(ground.bob, task, n);
  const bytes = mutate(random.pick(requests), random.pick(requests), random);
  const way = { port: ground.port, from: ground.bob.from, limitMs: HANG_MS };
  note(n, bytes, await throwBytes(way, bytes, mannerOf(random)));
}

async function throwAll(from: number, to: number): Promise<void> {
  let next = from;
  const lane = async (): Promise<void> => {
    for (let n = next++; n < to; n = next++) await throwOne(n);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is left when all is over and swept: the least of a few looks, so that a timer that just runs is not counted. */
async function heapBytes(): Promise<number> {
  await expect.poll(() => ground.proxy.store.inbox.open().length, { timeout: 10_000 }).toBe(0);
  let least = Infinity;
  for (let look = 0; look < 5; look += 1) {
    await sleep(300);
    collect();
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}

describe('good requests, damaged', () => {
  it('all end in an answer or a closed connection, and leave nothing in memory', async () => {
    await throwAll(0, WARM_UP);
    const before = await heapBytes();
    await throwAll(WARM_UP, COUNT);
    const growth = (await heapBytes()) - before;
    printSize('mutations', `${Math.round(growth / 1024)} KiB more heap after the last ${COUNT - WARM_UP}`);
    expect(seen.hung).toEqual([]);
    expect(growth).toBeLessThan(GROWTH_BYTES);
    expect(ground.counts.trouble).toBe(0);
  }, 300_000);

  it('reach the gateway as often as they were taken, in this peer’s sessions and in no other', () => {
    const { proxy, turns, counts } = ground;
    const rows = proxy.store.inbox.list(COUNT + 1).filter(({ taskId }) => taskId !== task);
    expect(rows.length).toBeGreaterThan(COUNT / 20);
    const bySession = (key: string) => rows.filter(({ sessionKey }) => sessionKey === key).length;
    const [inbox, handoff] = [sessionOf('bob', 'inbox'), sessionOf('bob', 'handoff')];
    expect(Object.fromEntries(turns)).toEqual({
      [inbox]: bySession(inbox) + 1,
      [handoff]: bySession(handoff),
    });
    expect(bySession(inbox) + bySession(handoff)).toBe(rows.length);
    expect(counts.accepted).toBe(rows.length + 1);
    expect(rows.filter(({ taskId }) => seen.taken.has(taskId))).toHaveLength(seen.taken.size);
    const names = rows.map(({ text }) => nameIn(text));
    expect(names.filter((n) => seen.refused.has(n))).toEqual([]);
    expect(names.filter(Number.isNaN).length).toBeLessThan(rows.length / 20);
  });

  it('leave a listener that serves as before', async () => {
    const body = sendMessageBody({ messageId: 'last' });
    const answer = await send(ground.port, { ...ground.bob, body });
    expect(JSON.parse(answer.body)).toMatchObject({
      result: {
        task: { status: { state: 'TASK_STATE_COMPLETED' }, artifacts: [{ parts: [{ text: 'yes' }] }] },
      },
    });
  });
});
