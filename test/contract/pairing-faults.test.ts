/**
 * Two proxies as processes of their own; one of them is killed, by SIGKILL, at every point of a pairing and of a change
 * of tokens at which it matters what is on its disk.
 *
 * - At no moment can one of them deliver and the other not: while one has no such peer, or has not heard that both owners
 *   agree, the other is not active.
 * - What is left on one side alone is provisional, which the door and the sender refuse (test/contract/door-matrix.test.ts,
 *   test/contract/pairing.test.ts).
 * - After a start, it goes on by itself or by what an owner would do next; a second try works.
 * - A change of tokens that was cut off leaves both sides with tokens that the other takes, and is finished by itself.
 */
import { describe, expect, it } from 'vitest';
import { FAULT_POINTS, type FaultPoint } from '../../src/pairing/fault-points.ts';
import { peerOnDisk, type PeerOnDisk } from '../harness/disk.ts';
import { createMachines, type Machine } from '../harness/stack-process.ts';

interface Pair {
  readonly alice: Machine;
  readonly bob: Machine;
}

type Side = keyof Pair;
const OTHER: Readonly<Record<Side, Side>> = { alice: 'bob', bob: 'alice' };

/** Points by the side on which they are reached when alice invites and bob accepts. */
const PAIRING: Readonly<Record<Side, readonly FaultPoint[]>> = {
  alice: ['claim-permitted', 'claim-stored', 'confirm-stored', 'news-heard', 'news-stored'],
  bob: [
    'accept-stored',
    'claim-answered',
    'claim-answer-stored',
    'confirm-stored',
    'news-sent',
    'news-answered',
    'news-answer-stored',
  ],
};
/** The same when alice changes the tokens. */
const ROTATION: Readonly<Record<Side, readonly FaultPoint[]>> = {
  alice: ['rotation-made', 'rotation-asked', 'rotation-answered', 'rotation-answer-stored', 'news-answered'],
  bob: ['rotation-stored', 'news-sent', 'news-answered'],
};

const listed = (points: Readonly<Record<Side, readonly FaultPoint[]>>) =>
  (['alice', 'bob'] as const).flatMap((side) => points[side].map((point) => [side, point] as const));

async function createPair(): Promise<Pair> {
  const [alice, bob] = await createMachines(['alice', 'bob']);
  if (alice === undefined || bob === undefined) throw new Error('no machines');
  return { alice, bob };
}

/** A request to a proxy that dies while it serves it has no answer: that is what these tests are about. */
async function attempt(machine: Machine, path: string, body?: object) {
  try {
    return await machine.post(path, body);
  } catch {
    return null;
  }
}

async function stateOf(machine: Machine, peer: string): Promise<string> {
  const { status, json } = await machine.api(`/peers/${peer}`);
  return status === 404 ? 'none' : (json['peer'] as { state: string }).state;
}

const states = async ({ alice, bob }: Pair) => [await stateOf(alice, 'bob'), await stateOf(bob, 'alice')];

/** One side may be active while the other has not heard of it, but has heard that both owners agree. */
function isEven(one: PeerOnDisk | null, other: PeerOnDisk | null): boolean {
  if (one?.state !== 'active') return other?.state !== 'active' || isEven(other, one);
  if (other?.state === 'active') return true;
  return other?.state === 'provisional' && other.ownConfirmed === 1 && other.otherConfirmed === 1;
}

function expectEven({ alice, bob }: Pair): void {
  const [here, there] = [peerOnDisk(alice.dataDir, 'bob'), peerOnDisk(bob.dataDir, 'alice')];
  expect(isEven(here, there), JSON.stringify([here, there])).toBe(true);
}

/** Alice invites, bob accepts, and then each owner agrees. Ends early where a proxy has died. */
async function pair({ alice, bob }: Pair): Promise<void> {
  const made = await attempt(alice, '/invites', { peer: 'bob' });
  if (made?.status === 201) await attempt(bob, '/invites/accept', { code: made.json['code'] });
  await attempt(bob, '/peers/alice/confirm');
  await attempt(alice, '/peers/bob/confirm');
}

/** What the owners do until they are peers: agree where something waits for them, and else begin anew. */
async function finish(machines: Pair): Promise<void> {
  const look = async () => {
    const now = await states(machines);
    if (now.every((state) => state === 'none')) await pair(machines);
    else if (now.includes('provisional'))
      await Promise.all([
        attempt(machines.alice, '/peers/bob/confirm'),
        attempt(machines.bob, '/peers/alice/confirm'),
      ]);
    expectEven(machines);
    return states(machines);
  };
  await expect.poll(look, { timeout: 15_000, interval: 100 }).toEqual(['active', 'active']);
}

/**
 * What the peer said to a message: with no gateway, one that is let in is told that the stack is not ready, and when to
 * come again. Its owner does not wait for that, and takes it back, so that the next one is not behind it.
 */
async function answerTo(machine: Machine, peer: string): Promise<string> {
  const sent = await machine.post('/messages', { peer, alias: 'inbox', text: 'are you there?' });
  if (sent.status !== 202) return String(sent.json['code']);
  const path = `/messages/${String(sent.json['id'])}`;
  expect((await machine.post('/messages/retry', { peer })).json).toEqual({ peers: [peer] });
  const read = async () => {
    const { json } = await machine.api(path);
    return json['attempts'] === 0 ? '' : (String(json['detail']).split(':')[0] ?? '');
  };
  await expect.poll(read, { timeout: 10_000 }).not.toBe('');
  const answer = await read();
  expect((await machine.post(`${path}/cancel`)).json['state']).toBe('cancelled');
  return answer;
}

async function expectDelivery({ alice, bob }: Pair): Promise<void> {
  const answers = await Promise.all([answerTo(alice, 'bob'), answerTo(bob, 'alice')]);
  expect(answers).toEqual(['stack-not-ready', 'stack-not-ready']);
}

describe('a proxy that is killed', () => {
  it.each(listed(PAIRING))(
    'at a pairing, %s at %s, leaves no side able to deliver alone',
    async (side, point) => {
      const machines = await createPair();
      await Promise.all([machines[side].start(point), machines[OTHER[side]].start()]);
      await pair(machines);
      await machines[side].died();
      expectEven(machines);
      await machines[side].start();
      await finish(machines);
      await expectDelivery(machines);
    },
    40_000,
  );

  it.each(listed(ROTATION))(
    'at a change of tokens, %s at %s, loses nobody’s token',
    async (side, point) => {
      const machines = await createPair();
      await Promise.all([machines.alice.start(), machines.bob.start()]);
      await pair(machines);
      await finish(machines);
      await machines[side].kill();
      await machines[side].start(point);
      await attempt(machines.alice, '/peers/bob/rotate');
      await machines[side].died();
      await machines[side].start();
      await expectDelivery(machines);
      const isRotating = async () => [
        (await machines.alice.api('/peers/bob')).json['rotating'],
        (await machines.bob.api('/peers/alice')).json['rotating'],
      ];
      await expect.poll(isRotating, { timeout: 20_000 }).toEqual([false, false]);
      await expectDelivery(machines);
    },
    60_000,
  );

  it('is tested at every point that there is', () => {
    const tested = new Set([...listed(PAIRING), ...listed(ROTATION)].map(([, point]) => point));
    expect([...tested].sort()).toEqual([...FAULT_POINTS].sort());
  });
});
