/**
 * What waits for a person: a message that comes in, a reply that goes out, a message that goes out, a reply that comes in;
 * and the chains of messages that the loop guard stops. Nothing of it goes on before somebody says so.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MESSAGE_EXTENSION } from '../../src/core/peer-wire.ts';
import type { TaskId } from '../../src/core/message.ts';
import { ROOMY } from '../harness/budgets.ts';
import { startDoor, type Door, type DoorOptions } from '../harness/door-ground.ts';
import { callsOf, replyIn, stateIn, taskIn, type Calls } from '../harness/peer-calls.ts';
import { ADDRESS } from '../harness/peer-listener.ts';

let door: Door;
let bob: Calls;

async function open(options: DoorOptions = {}): Promise<void> {
  door = await startDoor(options);
  bob = callsOf(door.port, door.addPeer('bob', ADDRESS.bob));
  door.grant('bob', 'inbox');
}
beforeEach(() => open());
afterEach(() => door.close());

const until = (work: () => void) => vi.waitFor(work, { timeout: 10_000, interval: 5 });
const row = (id: string) =>
  door
    .store()
    .inbox.list(50)
    .find(({ messageId }) => messageId === id);
/** And a restart, at which the worker takes up what it finds. */
const approve = async (id: string) => {
  door.store().inbox.apply(row(id)?.taskId as TaskId, { kind: 'approved' }, door.clock.now());
  await door.restart();
};
const withHop = (hop: number) => ({ message: { metadata: { [MESSAGE_EXTENSION]: { hop } } } });
const allowed = () => door.audit.filter((line) => line.allowed).map(({ reason }) => reason);

describe('a message under a grant that holds what comes in', () => {
  beforeEach(() => void door.grant('bob', 'inbox', { hold: 'inbound' }));

  it('is taken, and nothing of it reaches the gateway before somebody says so', async () => {
    expect(stateIn(await bob.send('m-1'))).toBe('SUBMITTED');
    await door.restart();
    expect(stateIn(await bob.send('m-1'))).toBe('SUBMITTED');
    expect(door.turns()).toEqual([]);
    expect(row('m-1')).toMatchObject({ state: 'held', hold: 'grant' });
    expect(allowed()).toEqual(['held-grant', 'repeated']);
    await approve('m-1');
    const answer = await bob.send('m-1');
    expect(replyIn(answer)).toContain('text of m-1');
    expect(door.turns()).toHaveLength(1);
  });

  it('holds up no later message of its session, and is taken back by its sender like any other', async () => {
    const { id } = taskIn(await bob.send('m-1'));
    door.grant('bob', 'inbox');
    expect(stateIn(await bob.send('m-2'))).toBe('COMPLETED');
    expect(stateIn(await bob.cancel(id))).toBe('CANCELED');
    expect(door.turns()).toHaveLength(1);
  });

  it('ends with its time to live when nobody looks at it', async () => {
    await bob.send('m-1', { now: true });
    door.clock.advance(200 * 3_600_000);
    await door.restart();
    await until(() => expect(row('m-1')?.state).toBe('expired'));
    expect(stateIn(await bob.send('m-1'))).toBe('REJECTED');
    expect(door.turns()).toEqual([]);
  });
});

describe('a reply', () => {
  it('under a grant that holds what goes out does not leave before somebody says so', async () => {
    door.grant('bob', 'inbox', { hold: 'outbound' });
    expect(stateIn(await bob.send('m-1'))).toBe('WORKING');
    expect(row('m-1')).toMatchObject({ state: 'reply-held', hold: 'grant' });
    expect(JSON.stringify(taskIn(await bob.send('m-1')))).not.toContain('You said');
    await approve('m-1');
    expect(replyIn(await bob.send('m-1'))).toContain('text of m-1');
    expect(door.turns()).toHaveLength(1);
  });

  it('to a message under a free grant is held all the same, where what goes to that peer is', async () => {
    door.store().peers.putGrant({
      ...{ direction: 'outbound', hold: 'outbound', replySession: null, expiresAt: null },
      peer: door.grant('bob', 'inbox').peer,
      alias: 'any',
    });
    expect(stateIn(await bob.send('paste-your-notes'))).toBe('WORKING');
    expect(row('paste-your-notes')?.state).toBe('reply-held');
  });

  it('that looks like a secret does not leave before somebody says so, whichever grant asks for that', async () => {
    await door.close();
    const secret = `ghp_${'Ab1'.repeat(12)}`;
    await open({ gateway: { reply: (text) => (text.includes('token') ? `it is ${secret}` : 'fine') } });
    door.store().peers.putGrant({
      ...{ direction: 'outbound', hold: 'secrets', replySession: null, expiresAt: null },
      peer: door.grant('bob', 'inbox').peer,
      alias: 'any',
    });
    expect(stateIn(await bob.send('paste-your-token'))).toBe('WORKING');
    expect(row('paste-your-token')).toMatchObject({ state: 'reply-held', hold: 'looks-secret' });
    const told = JSON.stringify(taskIn(await bob.send('paste-your-token')));
    expect(told).toContain('"held":"reply"');
    expect(told + JSON.stringify(door.audit) + door.log.text()).not.toMatch(/ghp_|secret/);
    expect(replyIn(await bob.send('m-2'))).toBe('fine');
    await approve('paste-your-token');
    expect(replyIn(await bob.send('paste-your-token'))).toBe(`it is ${secret}`);
    expect(door.turns()).toHaveLength(2);
  });

  it('that looks like a secret and is refused by the owner is gone', async () => {
    await door.close();
    await open({ gateway: { reply: () => `sk-proj-${'Ab1'.repeat(12)}` } });
    door.grant('bob', 'inbox', { hold: 'secrets' });
    const { id } = taskIn(await bob.send('m-1', { now: true }));
    await until(() => expect(row('m-1')?.state).toBe('reply-held'));
    door.store().inbox.apply(id as TaskId, { kind: 'hold-refused', note: 'ask me' }, door.clock.now());
    expect(stateIn(await bob.send('m-1'))).toBe('REJECTED');
    expect(row('m-1')?.reply).toBeNull();
  });

  it('that is nothing has nobody look at it', async () => {
    await door.close();
    await open({ gateway: { reply: () => 'NO_REPLY' } });
    door.grant('bob', 'inbox', { hold: 'outbound' });
    expect(stateIn(await bob.send('m-1'))).toBe('COMPLETED');
  });
});

describe('the loop guard', () => {
  it('holds a message whose chain has crossed too many machines, and begins anew with a person’s word', async () => {
    expect(stateIn(await bob.send('m-4', withHop(4)))).toBe('COMPLETED');
    expect(stateIn(await bob.send('m-5', withHop(5)))).toBe('SUBMITTED');
    expect(row('m-5')).toMatchObject({ state: 'held', hold: 'hop-limit', hop: 5, isReleased: false });
    await approve('m-5');
    expect(stateIn(await bob.send('m-5', withHop(5)))).toBe('COMPLETED');
    expect(row('m-5')).toMatchObject({ state: 'replied', hop: 5, isReleased: true });
  });

  it('lets go what the owner of its sender let go, and nothing that it holds for another reason', async () => {
    await bob.send('m-5', withHop(5));
    expect(stateIn(await bob.send('m-5', withHop(5)))).toBe('SUBMITTED');
    expect(stateIn(await bob.send('m-5', withHop(0)))).toBe('COMPLETED');
    expect(allowed()).toEqual(['held-hop-limit', 'repeated', 'released-by-peer']);
    door.grant('bob', 'inbox', { hold: 'inbound' });
    await bob.send('m-6', withHop(5));
    expect(stateIn(await bob.send('m-6', withHop(0)))).toBe('SUBMITTED');
    expect(door.turns()).toHaveLength(1);
  });

  it('counts what the pair did, on disk, and holds the rest', async () => {
    await door.close();
    const budgets = { ...ROOMY, turnsPerHour: 2, turnsPerDay: 3 };
    await open({ policyLimits: { sendsPerMinute: 100, totalSendsPerMinute: 100, budgets } });
    for (const id of ['m-1', 'm-2']) expect(stateIn(await bob.send(id))).toBe('COMPLETED');
    await door.restart();
    expect(stateIn(await bob.send('m-3', withHop(9)))).toBe('SUBMITTED');
    expect(row('m-3')?.hold).toBe('turns-per-hour');
    expect(stateIn(await bob.send('m-3', withHop(0)))).toBe('SUBMITTED');
    door.clock.advance(3_600_000);
    expect(stateIn(await bob.send('m-4'))).toBe('COMPLETED');
    expect(stateIn(await bob.send('m-5'))).toBe('SUBMITTED');
    expect(row('m-5')?.hold).toBe('turns-per-day');
    expect(door.turns()).toHaveLength(3);
  });

  it('counts each conversation by itself', async () => {
    await door.close();
    const budgets = { ...ROOMY, turnsPerConversation: 1 };
    await open({ policyLimits: { sendsPerMinute: 100, totalSendsPerMinute: 100, budgets } });
    const inTalk = { message: { contextId: 'talk' } };
    expect(stateIn(await bob.send('m-1', inTalk))).toBe('COMPLETED');
    expect(stateIn(await bob.send('m-2', inTalk))).toBe('SUBMITTED');
    expect(row('m-2')?.hold).toBe('turns-per-conversation');
    expect(stateIn(await bob.send('m-3'))).toBe('COMPLETED');
  });
});
