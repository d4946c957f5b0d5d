/**
 * Requests that come twice, late, in another order, and again when all is over: two proxies as processes of their own, and
 * between them a network that does it. Counted at both ends, by id and content.
 */
import { expect, it } from 'vitest';
import { startBadNetwork, type Passed } from '../harness/bad-network.ts';
import { createDeliveryPair } from '../harness/delivery-pair.ts';

const TEXTS = Array.from({ length: 12 }, (_, index) => `message ${index + 1}`);
const CONVERSATIONS = 3;
const ONCE = { messages: TEXTS.length, answered: TEXTS.length, uncertain: 0, failed: 0, problems: [] };

it('requests that come twice at once are one message', async () => {
  const pair = await createDeliveryPair();
  const network = await startBadNetwork(pair.alice, pair.bob);
  network.set(async (_id, pass) => {
    const [first] = await Promise.all([pass(), pass()]);
    return first;
  });
  expect(await pair.submit(TEXTS, CONVERSATIONS)).toEqual([]);
  await pair.settled(TEXTS.length);
  expect(pair.count(TEXTS)).toEqual(ONCE);
}, 60_000);

it('requests that come when they were long given up, the last first, are no new messages', async () => {
  const pair = await createDeliveryPair();
  const network = await startBadNetwork(pair.alice, pair.bob);
  const late = new Map<string, () => Promise<Passed>>();
  network.set((id, pass) => {
    if (late.has(id)) return pass();
    late.set(id, pass);
    return Promise.resolve(null);
  });
  expect(await pair.submit(TEXTS, CONVERSATIONS)).toEqual([]);
  await pair.settled(TEXTS.length);
  expect(late.size).toBe(TEXTS.length);
  const answers: number[] = [];
  for (const pass of [...late.values()].toReversed()) answers.push((await pass()).status);
  expect(answers).toEqual(TEXTS.map(() => 200));
  expect(pair.count(TEXTS)).toEqual(ONCE);
}, 120_000);

it('requests that come again when all is over are known, also after a restart, and are nothing from another node', async () => {
  const pair = await createDeliveryPair();
  const network = await startBadNetwork(pair.alice, pair.bob);
  expect(await pair.submit(TEXTS, CONVERSATIONS)).toEqual([]);
  await pair.settled(TEXTS.length);
  await pair.bob.kill();
  await pair.bob.start();
  expect(new Set(await network.replay(pair.alice))).toEqual(new Set([200]));
  expect(new Set(await network.replay(pair.stranger))).toEqual(new Set([401]));
  expect(pair.count(TEXTS)).toEqual(ONCE);
}, 60_000);
