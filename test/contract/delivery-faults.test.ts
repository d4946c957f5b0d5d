/**
 * Two proxies as processes of their own, with messages under way between them; one of them is killed, by SIGKILL, at
 * every moment at which it matters what is on its disk. Counted at both ends, by id and content: nothing is lost, nothing
 * is delivered twice, every message ends, and none as uncertain, since the session can tell of each what became of it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  DELIVERY_FAULT_POINTS,
  SENDER_POINTS,
  type DeliveryFaultPoint,
} from '../../src/delivery/fault-points.ts';
import { createDeliveryPair, PAIR_LIMITS, type DeliveryPair } from '../harness/delivery-pair.ts';
import { printSize } from '../harness/print-size.ts';
import { createSeededRandom } from '../../src/lab/seeded-random.ts';

const RECEIVER: readonly DeliveryFaultPoint[] = [
  'accept-stored',
  'turn-begun',
  'turn-sent',
  'turn-taken',
  'turn-ended',
  'turn-stored',
];
/** Reached only by a proxy that was killed before. */
const RECEIVER_LOOKS: readonly DeliveryFaultPoint[] = ['look-begun', 'look-ended', 'look-stored'];

const MESSAGES = 6;
const CONVERSATIONS = 3;
const ROUNDS = 8;

const textsOf = (what: string, count = MESSAGES) =>
  Array.from({ length: count }, (_, index) => `${what}, message ${index + 1}`);

function expectAllOnce(pair: DeliveryPair, texts: readonly string[]): void {
  expect(pair.count(texts)).toEqual({
    messages: texts.length,
    answered: texts.length,
    uncertain: 0,
    failed: 0,
    problems: [],
  });
}

/** Gives alice what she did not take; a text that was stored before its caller was answered is not given again. */
async function submitRest(pair: DeliveryPair, texts: readonly string[]): Promise<void> {
  const { json } = await pair.alice.api('/messages?limit=200');
  const known = new Set((json['messages'] as { text: string }[]).map(({ text }) => text));
  const left = await pair.submit(
    texts.filter((text) => !known.has(text)),
    CONVERSATIONS,
  );
  expect(left).toEqual([]);
}

/** Kills alice at each of these moments, with messages under way. */
async function strikeSender(pair: DeliveryPair, points: readonly DeliveryFaultPoint[]): Promise<void> {
  const all: string[] = [];
  for (const point of points) {
    const texts = textsOf(point);
    all.push(...texts);
    await pair.alice.kill();
    await pair.alice.start(point);
    await pair.submit(texts, CONVERSATIONS);
    await pair.alice.died();
    await pair.alice.start();
    await submitRest(pair, texts);
    await pair.settled(all.length);
    expectAllOnce(pair, all);
  }
}

/** Kills bob at the moments of each row, one after the other, with messages under way. */
async function strikeReceiver(
  pair: DeliveryPair,
  rows: readonly (readonly DeliveryFaultPoint[])[],
): Promise<void> {
  const all: string[] = [];
  for (const points of rows) {
    const texts = textsOf(points.join(' and '));
    all.push(...texts);
    await pair.bob.kill();
    for (const [index, point] of points.entries()) {
      await pair.bob.start(point);
      if (index === 0) expect(await pair.submit(texts, CONVERSATIONS)).toEqual([]);
      await pair.bob.died();
    }
    await pair.bob.start();
    await pair.settled(all.length);
    expectAllOnce(pair, all);
  }
}

describe('a proxy that is killed', () => {
  it('while it sends, at every moment that matters, loses nothing and sends nothing twice', async () => {
    await strikeSender(await createDeliveryPair(), SENDER_POINTS);
  }, 180_000);

  it('while it receives, at every moment that matters, loses nothing and runs nothing twice', async () => {
    const points = RECEIVER.map((point) => [point]);
    await strikeReceiver(await createDeliveryPair(), points);
  }, 180_000);

  it('and once more while it looks for a turn runs nothing twice', async () => {
    const points = RECEIVER_LOOKS.map((point) => ['turn-taken', point] as const);
    await strikeReceiver(await createDeliveryPair(), points);
  }, 180_000);

  it('again and again, one or the other or both, at moments drawn by chance, loses nothing and runs nothing twice', async () => {
    const pair = await createDeliveryPair();
    const random = createSeededRandom(6);
    const texts = textsOf('by chance', ROUNDS * 4);
    for (let round = 0; round < ROUNDS; round += 1) {
      await submitRest(pair, texts.slice(0, (round + 1) * 4));
      await sleep(random.int(400));
      const killed = random.pick([[pair.alice], [pair.bob], [pair.alice, pair.bob]]);
      await Promise.all(killed.map((machine) => machine.kill()));
      await Promise.all(killed.map((machine) => machine.start()));
    }
    await pair.settled(texts.length);
    expectAllOnce(pair, texts);
    const limits = JSON.stringify(PAIR_LIMITS);
    printSize('kills of proxies', `${ROUNDS} rounds, ${texts.length} messages, seed 6; limits: ${limits}`);
  }, 180_000);

  it('is tested at every point that there is', () => {
    expect([...SENDER_POINTS, ...RECEIVER, ...RECEIVER_LOOKS].sort()).toEqual(
      [...DELIVERY_FAULT_POINTS].sort(),
    );
  });
});
