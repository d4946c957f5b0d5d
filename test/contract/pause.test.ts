/**
 * Two proxies as processes of their own, with a gateway behind one of them: what its owner stops there stands still, and
 * goes on when the owner says so.
 *
 * - A turn that runs is stopped in the gateway within a second, and its message is failed on both sides.
 * - What is sent meanwhile stays at its sender, over a restart of the paused stack too, and arrives once afterwards.
 * - What the paused stack itself had to send stays there, and arrives once afterwards.
 */
import { expect, it, onTestFinished } from 'vitest';
import { startFakeGateway, type FakeGateway } from '../harness/fake-gateway.ts';
import { createMachines, type Machine } from '../harness/stack-process.ts';

const SESSION = 'agent:main:peer-alice';
const SOON = { timeout: 10_000, interval: 20 };

interface Pair {
  readonly alice: Machine;
  readonly bob: Machine;
  readonly gateway: FakeGateway;
}

/** Peers, with a gateway at bob's. */
async function startPair(): Promise<Pair> {
  const gateway = await startFakeGateway({ autoApprove: true });
  onTestFinished(() => gateway.crash());
  const [alice, bob] = await createMachines(['alice', 'bob'], (name): Record<string, string> =>
    name === 'bob' ? { AGENT_PEER_GATEWAY_URL: gateway.url } : {},
  );
  if (alice === undefined || bob === undefined) throw new Error('no machines');
  await Promise.all([alice.start(), bob.start()]);
  const paired = await bob.post('/gateway/pair', { token: gateway.sharedToken });
  expect(paired.json).toMatchObject({ step: 'paired' });
  const { json } = await alice.post('/invites', { peer: 'bob', confirmed: true });
  await bob.post('/invites/accept', { code: json['code'], confirmed: true });
  const states = async () => [await stateOfPeer(alice, 'bob'), await stateOfPeer(bob, 'alice')];
  await expect.poll(states, SOON).toEqual(['active', 'active']);
  return { alice, bob, gateway };
}

async function stateOfPeer(machine: Machine, peer: string): Promise<unknown> {
  return ((await machine.api(`/peers/${peer}`)).json['peer'] as Record<string, unknown>)['state'];
}

async function send(from: Machine, peer: string, text: string): Promise<string> {
  const { status, json } = await from.post('/messages', { peer, alias: 'inbox', text });
  expect(status, JSON.stringify(json)).toBe(202);
  return String(json['id']);
}

const shown = async (machine: Machine, id: string) => (await machine.api(`/messages/${id}`)).json;
const stateOf = async (machine: Machine, id: string) => (await shown(machine, id))['state'];
const aborts = ({ gateway }: Pair) => gateway.frames.filter(({ method }) => method === 'chat.abort');
const arrivals = ({ gateway }: Pair, text: string) =>
  gateway.delivered(SESSION).filter((framed) => framed.includes(text)).length;

async function inboxOf(machine: Machine) {
  const { messages } = (await machine.api('/messages')).json as { messages: Record<string, unknown>[] };
  return messages.filter(({ direction }) => direction === 'inbound');
}

it.each([
  ['everything', {}],
  ['the peer', { peer: 'alice' }],
])(
  'pausing %s stops a turn that runs; what is sent meanwhile stays at its sender, and arrives once afterwards',
  async (_what, whom) => {
    const pair = await startPair();
    const { alice, bob, gateway } = pair;
    gateway.hold();
    const first = await send(alice, 'bob', 'the first');
    await expect.poll(() => arrivals(pair, 'the first'), SOON).toBe(1);

    const paused = await bob.post('/pause', whom);
    expect(paused.json).toMatchObject({ turnsStopped: 1 });
    await expect.poll(() => aborts(pair).length, { timeout: 1_000, interval: 5 }).toBeGreaterThan(0);
    await expect
      .poll(() => inboxOf(bob), SOON)
      .toMatchObject([{ id: first, state: 'failed', detail: 'stopped by its owner here: paused' }]);

    // A paused stack says when to ask again, and its sender keeps to it; this owner does not wait that long.
    const second = await send(alice, 'bob', 'the second');
    await alice.post('/messages/retry', {});
    const refused = async () => (await shown(alice, second))['detail'];
    await expect.poll(refused, SOON).toMatch(/^(stack|peer)-paused: /);
    await bob.kill();
    await bob.start();
    const third = await send(alice, 'bob', 'the third');
    const tried = Number((await shown(alice, second))['attempts']);
    await alice.post('/messages/retry', {});
    await expect.poll(async () => (await shown(alice, second))['attempts'], SOON).toBeGreaterThan(tried);
    expect(await refused()).toMatch(/^(stack|peer)-paused: /);
    expect([await stateOf(alice, second), await stateOf(alice, third)]).toEqual(['queued', 'queued']);
    expect(await inboxOf(bob)).toHaveLength(1);

    gateway.release();
    await bob.post('/resume', whom);
    const last = await send(alice, 'bob', 'the last');
    await alice.post('/messages/retry', {});
    for (const id of [second, third, last])
      await expect.poll(() => stateOf(alice, id), SOON).toBe('answered');
    await expect.poll(() => stateOf(alice, first), SOON).toBe('failed');
    expect(['the first', 'the second', 'the third', 'the last'].map((text) => arrivals(pair, text))).toEqual([
      1, 1, 1, 1,
    ]);
  },
  60_000,
);

it('a paused stack sends nothing of its own, and all of it once afterwards', async () => {
  const { alice, bob } = await startPair();
  await bob.kill();
  const waiting = await send(alice, 'bob', 'from before');
  await alice.post('/pause');
  await bob.start();
  await expect.poll(async () => (await shown(alice, waiting))['detail'], SOON).toBe('this stack is paused');
  const refused = await alice.post('/messages', { peer: 'bob', alias: 'inbox', text: 'meanwhile' });
  expect([refused.status, refused.json['code']]).toEqual([409, 'stack-paused']);
  expect(await inboxOf(bob)).toEqual([]);
  await alice.post('/resume');
  await expect.poll(() => stateOf(alice, waiting), SOON).toBe('answered');
  expect(await inboxOf(bob)).toMatchObject([{ id: waiting, state: 'replied' }]);
}, 60_000);

it('a revoke stops the turn of its message', async () => {
  const pair = await startPair();
  pair.gateway.hold();
  await send(pair.alice, 'bob', 'the first');
  await expect.poll(() => arrivals(pair, 'the first'), SOON).toBe(1);
  await pair.bob.post('/peers/alice/revoke');
  await expect.poll(() => aborts(pair).length, { timeout: 1_000, interval: 5 }).toBeGreaterThan(0);
  await expect
    .poll(() => inboxOf(pair.bob), SOON)
    .toMatchObject([{ state: 'failed', detail: 'its sender was revoked here' }]);
}, 60_000);
