/**
 * What the local agent or owner hands in.
 *
 * - A draft that can never be delivered is refused at once, with what is wrong and what to do, and leaves no trace.
 * - What was taken is on disk, under an id and a time to live of its own, and the sender knows.
 * - Whoever waits for a message is told the moment it is final.
 */
import { describe, expect, it, vi } from 'vitest';
import { createMessages } from '../../src/delivery/messages.ts';
import { AgentPeerError } from '../../src/errors.ts';
import type { Draft } from '../../src/ports.ts';
import { systemRandom } from '../../src/system.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import { BOB, CAROL, samplePeer } from '../harness/samples.ts';
import { tempStore } from '../harness/temp-store.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const never = new AbortController().signal;
const draft: Draft = { peer: 'bob', alias: 'handoff', text: 'please review' };

function ground() {
  const clock = createFakeClock();
  const store = tempStore(clock);
  store.peers.addPeer(samplePeer(BOB));
  store.peers.putOutboundToken(BOB, 'token');
  store.peers.addPeer(samplePeer(CAROL));
  const wake = vi.fn();
  const limits = { ttlMs: 1000 };
  const { outbox, peers } = store;
  return {
    store,
    clock,
    wake,
    messages: createMessages({ outbox, peers, wake, clock, random: systemRandom, limits }),
  };
}

describe('a draft', () => {
  it('that can be sent is stored, and the sender is woken', () => {
    const { messages, store, clock, wake } = ground();
    const message = messages.submit(draft);
    expect(message).toMatchObject({
      peer: 'bob',
      alias: 'handoff',
      text: 'please review',
      state: 'queued',
      hop: 0,
    });
    expect(message.id).toMatch(UUID);
    expect(message.conversation).toMatch(UUID);
    expect(message.expiresAt).toBe(clock.now() + 1000);
    expect(store.outbox.find(message.id)).toEqual(message);
    expect(messages.find(message.id)).toEqual(message);
    expect(messages.list(10)).toEqual([message]);
    expect(wake).toHaveBeenCalledExactlyOnceWith('bob');
    expect(messages.submit(draft).id).not.toBe(message.id);
    expect(messages.submit({ ...draft, conversation: 'ctx-1' }).conversation).toBe('ctx-1');
  });

  it.each([
    [{ peer: 'dora' }, 'peer-not-found', 'no peer is called "dora"'],
    [{ peer: '' }, 'peer-not-found', 'not a peer name'],
    [{ peer: 'Bob; DROP' }, 'peer-not-found', 'not a peer name'],
    [{ peer: 'carol' }, 'peer-token-missing', 'no token of "carol" is stored'],
    [{ alias: '' }, 'alias-invalid', 'not an alias'],
    [{ alias: 'agent:main:main' }, 'alias-invalid', 'not an alias'],
    [{ text: ' \n' }, 'message-invalid', 'is empty'],
    [{ text: 'x'.repeat(64 * 1024 + 1) }, 'message-invalid', 'is 65537 bytes long'],
    [{ text: 'a\ud800' }, 'message-invalid', 'is not valid Unicode'],
    [{ text: 'a\0' }, 'message-invalid', 'contains a NUL character'],
    [{ conversation: 'a b' }, 'message-invalid', 'not a conversation id'],
  ] as const)('with %o is refused as %s', (wrong, code, what) => {
    const { messages, store, wake } = ground();
    const submit = () => messages.submit({ ...draft, ...wrong });
    expect(submit).toThrow(AgentPeerError);
    expect(submit).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(what) as string }) as Error,
    );
    expect(store.outbox.list(10)).toEqual([]);
    expect(wake).not.toHaveBeenCalled();
  });

  it('for a revoked peer is refused', () => {
    const { messages, store } = ground();
    store.peers.addPeer(samplePeer('eve' as never, { state: 'revoked' }));
    const submit = () => messages.submit({ ...draft, peer: 'eve' });
    expect(submit).toThrow('peer "eve" was revoked');
  });
});

describe('waiting', () => {
  const at = { now: 1, nextAttemptAt: 1 };

  it('ends for all at once when the message is final, and not before', async () => {
    const { messages, store } = ground();
    const { id } = messages.submit(draft);
    const began = performance.now();
    const waits = [messages.settled(id, 60_000, never), messages.settled(id, 60_000, never)];
    messages.changed(store.outbox.apply(id, { kind: 'receipt', taskId: 't' }, at));
    expect(
      await Promise.race([...waits, new Promise((resolve) => setTimeout(resolve, 20, 'still waiting'))]),
    ).toBe('still waiting');
    messages.changed(store.outbox.apply(id, { kind: 'replied', taskId: 't', reply: 'yes' }, at));
    for (const message of await Promise.all(waits))
      expect(message).toMatchObject({ state: 'answered', reply: 'yes' });
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await messages.settled(id, 60_000, never)).toMatchObject({ state: 'answered' });
  });

  it('answers the message as it is when the time is over or the asker is gone', async () => {
    const { messages } = ground();
    const { id } = messages.submit(draft);
    expect(await messages.settled(id, 5, never)).toMatchObject({ state: 'queued' });
    expect(await messages.settled(id, 60_000, AbortSignal.timeout(5))).toMatchObject({ state: 'queued' });
  });

  it('for an unknown message is refused', async () => {
    const { messages } = ground();
    await expect(messages.settled('nothing', 5, never)).rejects.toMatchObject({ code: 'message-not-found' });
    expect(messages.find('nothing')).toBeNull();
  });
});
