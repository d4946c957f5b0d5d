/**
 * All tokens of two stacks are changed in the middle of a stream of messages in both directions: every message gets its own
 * reply, and each session has each text once.
 */
import { expect, it, onTestFinished } from 'vitest';
import { startFakeGateway, type FakeGateway } from '../harness/fake-gateway.ts';
import { printSize } from '../harness/print-size.ts';
import { createMachines, type Machine } from '../harness/stack-process.ts';
import { ROOMY_VARIABLES } from '../harness/budgets.ts';

const EACH_WAY = 250;
const ROTATE_AT = 60;
const LIMITS = {
  ...ROOMY_VARIABLES,
  AGENT_PEER_SENDS_PER_MINUTE: '10000',
  AGENT_PEER_TOTAL_SENDS_PER_MINUTE: '10000',
  AGENT_PEER_POLLS_PER_MINUTE: '100000',
};

interface Sent {
  readonly id: string;
  readonly text: string;
}

async function startPair() {
  const gateways = new Map<string, FakeGateway>();
  for (const name of ['alice', 'bob']) gateways.set(name, await startFakeGateway({ autoApprove: true }));
  onTestFinished(async () => {
    for (const gateway of gateways.values()) await gateway.crash();
  });
  const urlOf = (name: string) => gateways.get(name)?.url ?? '';
  const [alice, bob] = await createMachines(['alice', 'bob'], (name) => ({
    ...LIMITS,
    AGENT_PEER_GATEWAY_URL: urlOf(name),
  }));
  if (alice === undefined || bob === undefined) throw new Error('no machines');
  await Promise.all([alice.start(), bob.start()]);
  for (const machine of [alice, bob])
    await machine.post('/gateway/pair', { token: gateways.get(machine.name)?.sharedToken });
  const { json } = await alice.post('/invites', { peer: 'bob', confirmed: true });
  await bob.post('/invites/accept', { code: json['code'], confirmed: true });
  return { alice, bob, gateways };
}

async function sendAll(from: Machine, to: string, onMiddle: () => Promise<void>): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  let middle: Promise<void> | null = null;
  for (let i = 0; i < EACH_WAY; i += 1) {
    if (i === ROTATE_AT) middle = onMiddle();
    const text = `number ${i} of ${from.name}`;
    const { status, json } = await from.post('/messages', { peer: to, alias: 'inbox', text });
    expect(status, JSON.stringify(json)).toBe(202);
    sent.push({ id: String(json['id']), text });
  }
  await middle;
  return sent;
}

async function rotate(machine: Machine, peer: string): Promise<void> {
  const { status, json } = await machine.post(`/peers/${peer}/rotate`);
  expect([status, json]).toMatchObject([200, { rotation: 'complete' }]);
}

const SETTLED = ['answered', 'refused', 'failed', 'expired', 'uncertain'];

async function outcomes(machine: Machine): Promise<Readonly<Record<string, number>>> {
  const { json } = await machine.api('/status');
  return json['outbox'] as Record<string, number>;
}

async function whenSettled(machine: Machine): Promise<Readonly<Record<string, number>>> {
  const settled = async () =>
    Object.entries(await outcomes(machine)).reduce(
      (sum, [state, n]) => sum + (SETTLED.includes(state) ? n : 0),
      0,
    );
  await expect.poll(settled, { timeout: 90_000, interval: 250 }).toBe(EACH_WAY);
  return outcomes(machine);
}

it('a change of tokens under load loses no message and doubles none', async () => {
  const { alice, bob, gateways } = await startPair();
  const [fromAlice, fromBob] = await Promise.all([
    sendAll(alice, 'bob', () => rotate(alice, 'bob')),
    sendAll(bob, 'alice', () => Promise.resolve()),
  ]);
  expect(await whenSettled(alice)).toEqual({ answered: EACH_WAY });
  expect(await whenSettled(bob)).toEqual({ answered: EACH_WAY });
  for (const [sent, to, from] of [
    [fromAlice, 'bob', 'alice'],
    [fromBob, 'alice', 'bob'],
  ] as const) {
    const delivered = gateways.get(to)?.delivered(`agent:main:peer-${from}`) ?? [];
    expect(delivered).toHaveLength(EACH_WAY);
    const texts = delivered.map((framed) => /\n(number \d+ of \w+)\n/.exec(framed)?.[1]);
    expect([...texts].sort()).toEqual(sent.map(({ text }) => text).sort());
  }
  printSize('rotation', `${2 * EACH_WAY} messages while all tokens were changed; limits raised for it`);
}, 180_000);
