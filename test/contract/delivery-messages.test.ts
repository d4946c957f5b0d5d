/**
 * What the local agent or owner hands in.
 *
 * - A draft that can never be delivered is refused at once, with what is wrong and what to do, and leaves no trace.
 * - What was taken is on disk, under an id and a time to live of its own, and the sender knows.
 * - The judge that decides about peers decides here too: without a grant to write there, nothing is taken.
 * - What was decided stands in the audit log, with the digest that the receiver's log has of the same text.
 * - Whoever waits for a message is told the moment it is final.
 */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMessages } from '../../src/delivery/messages.ts';
import type { Alias } from '../../src/core/alias.ts';
import type { OutboundGrant } from '../../src/core/grant.ts';
import type { PeerName } from '../../src/core/peer.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import { createDigests } from '../../src/digests.ts';
import { AgentPeerError } from '../../src/errors.ts';
import type { AuditEntry } from '../../src/ports/audit.ts';
import type { Draft } from '../../src/ports/delivery.ts';
import { systemRandom } from '../../src/system.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import { bringTo } from '../harness/inbox-moves.ts';
import { startListener } from '../harness/peer-listener.ts';
import { BOB, CAROL, HANDOFF, sampleInbound, sampleOutboundGrant, samplePeer } from '../harness/samples.ts';
import { createSender } from '../harness/sending-peer.ts';
import { tempStore } from '../harness/temp-store.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const never = new AbortController().signal;
const draft: Draft = { peer: 'bob', alias: 'handoff', text: 'please review', by: 'owner' };

function ground() {
  const clock = createFakeClock();
  const store = tempStore(clock);
  store.peers.addPeer(samplePeer(BOB));
  store.peers.putOutboundToken(BOB, 'token');
  store.peers.putGrant(sampleOutboundGrant());
  store.peers.addPeer(samplePeer(CAROL));
  const wake = vi.fn();
  const audit: AuditEntry[] = [];
  const record = (entry: AuditEntry) => void audit.push(entry);
  const limits = { ttlMs: 1000 };
  const { outbox, peers } = store;
  return {
    store,
    clock,
    wake,
    audit,
    messages: createMessages({
      outbox,
      peers,
      guard: store.guard,
      audit: { record },
      digests: createDigests(),
      wake,
      clock,
      random: systemRandom,
      limits,
    }),
  };
}

describe('a draft', () => {
  it('that can be sent is stored, and the sender is woken', () => {
    const { messages, store, clock, wake } = ground();
    const { warnings, ...message } = messages.submit(draft);
    expect(warnings).toEqual([]);
    expect(message).toMatchObject({
      peer: 'bob',
      alias: 'handoff',
      text: 'please review',
      state: 'queued',
      hop: 0,
    });
    // Version 7: it tells when it was made, which a receiver that was restored from a backup asks.
    expect(message.id).toMatch(
      new RegExp(`^${clock.now().toString(16).padStart(12, '0').replace(/^.{8}/, '$&-')}-7`),
    );
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
    [{ ttlMs: 59_000 }, 'message-invalid', 'ttl: is too short or too long'],
    [{ ttlMs: 31 * 86_400_000 }, 'message-invalid', 'ttl: is too short or too long'],
    [{ ttlMs: Number.NaN }, 'message-invalid', 'ttl: is too short or too long'],
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
});

describe('a time to live', () => {
  it.each([60_000, 12 * 3_600_000, 30 * 86_400_000])('of its own, %d ms, is that of the message', (ttlMs) => {
    const { messages, clock } = ground();
    expect(messages.submit({ ...draft, ttlMs }).expiresAt).toBe(clock.now() + ttlMs);
  });
});

describe('the judge', () => {
  const EVE = 'eve' as PeerName;

  /** Wants `draft` sent to Eve, who is paired and has a token, with these grants to write to her. */
  function toEve(grants: readonly Partial<OutboundGrant>[], over: Parameters<typeof samplePeer>[1] = {}) {
    const made = ground();
    made.store.peers.addPeer(samplePeer(EVE, over));
    made.store.peers.putOutboundToken(EVE, 'token');
    for (const grant of grants) made.store.peers.putGrant(sampleOutboundGrant({ peer: EVE, ...grant }));
    return { ...made, submit: () => made.messages.submit({ ...draft, peer: 'eve' }) };
  }

  const START = Date.UTC(2026, 0, 1);
  it.each([
    ['any alias', [{}]],
    ['this alias', [{ alias: HANDOFF }]],
    ['this alias while it lasts', [{ alias: HANDOFF, expiresAt: START + 1 }]],
    ['any alias, though this one is over', [{ alias: HANDOFF, expiresAt: START }, {}]],
  ])('lets a message go under a grant for %s', (_what, grants) => {
    const { submit, audit, store } = toEve(grants);
    const { id } = submit();
    expect(audit).toEqual([
      {
        direction: 'outbound',
        surface: 'local',
        operation: 'message-submit',
        allowed: true,
        reason: 'accepted',
        peer: 'eve',
        nodeId: null,
        alias: 'handoff',
        messageId: id,
        textDigest: createDigests().text('please review'),
      },
    ]);
    expect(store.outbox.find(id)).toMatchObject({ state: 'queued' });
  });

  it.each([
    [
      'no grant',
      [],
      {},
      'alias-not-granted',
      'not-granted',
      'agents here may not write to "handoff" of "eve"',
    ],
    [
      'a grant for another alias',
      [{ alias: 'x' as Alias }],
      {},
      'alias-not-granted',
      'not-granted',
      'may not',
    ],
    ['a grant that is over', [{ expiresAt: START }], {}, 'grant-expired', 'not-granted', 'has expired'],
    [
      'a pairing that is over',
      [{}],
      { expiresAt: START },
      'peer-expired',
      'not-granted',
      'pairing with "eve"',
    ],
    ['a peer that was revoked', [{}], { state: 'revoked' }, 'peer-revoked', 'peer-not-found', 'was revoked'],
  ] as const)('refuses with %s', (_what, grants, peer, reason, code, what) => {
    const { submit, audit, store, wake } = toEve(grants, peer);
    expect(submit).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(what) as string }) as Error,
    );
    expect(audit).toMatchObject([{ allowed: false, reason, peer: 'eve', alias: 'handoff', messageId: null }]);
    expect(store.outbox.list(10)).toEqual([]);
    expect(wake).not.toHaveBeenCalled();
  });

  it('under a grant that holds what goes out is taken, and waits for a person', () => {
    const { store, submit, audit } = toEve([{ hold: 'outbound' }], {});
    submit();
    expect(store.outbox.list(10)).toMatchObject([{ state: 'held', hold: 'grant' }]);
    expect(store.outbox.toHandOver('eve' as PeerName, START, 10)).toEqual([]);
    expect(audit).toMatchObject([{ allowed: true, reason: 'held-grant', peer: 'eve' }]);
  });

  it('may have its reply put into the session that the owner listed, and into no other', () => {
    const replySession = 'agent:main:peer-eve' as SessionKey;
    const { store, messages } = toEve([{ replySession }], {});
    const toSession = { ...draft, peer: 'eve', replyToSession: true };
    expect(messages.submit(toSession).replySession).toBe(replySession);
    expect(messages.submit({ ...draft, peer: 'eve' }).replySession).toBeNull();
    store.peers.putGrant(sampleOutboundGrant({ peer: 'eve' as PeerName }));
    expect(() => messages.submit(toSession)).toThrow(
      expect.objectContaining({ code: 'reply-session-missing' }) as Error,
    );
  });

  it('of an agent follows what the agent reads, and one of the owner begins', () => {
    const { store, messages } = toEve([{}], {});
    store.inbox.accept(sampleInbound('in', { peer: 'eve' as PeerName, hop: 2 }));
    bringTo(store.inbox, 'task-in', 'running', { now: START });
    const toEveBy = (by: Draft['by']) => messages.submit({ ...draft, peer: 'eve', by }).hop;
    expect([toEveBy('owner'), toEveBy('agent')]).toEqual([0, 3]);
  });

  it('refuses for a peer that is none, and keeps the name that was made up out of the log', () => {
    const { messages, audit } = ground();
    expect(() => messages.submit({ ...draft, peer: 'made-up' })).toThrow('no peer is called "made-up"');
    expect(audit).toMatchObject([{ allowed: false, reason: 'peer-unknown', peer: null }]);
  });

  it('asks for the token where that is all that is missing', () => {
    const { messages, audit, store } = ground();
    const submit = () => messages.submit({ ...draft, peer: 'carol' });
    expect(submit).toThrow(expect.objectContaining({ code: 'peer-token-missing' }) as Error);
    store.peers.putGrant(sampleOutboundGrant({ peer: CAROL }));
    expect(submit).toThrow(expect.objectContaining({ code: 'peer-token-missing' }) as Error);
    expect(audit.map(({ reason }) => reason)).toEqual(['alias-not-granted', 'peer-token-missing']);
  });

  it('lets nothing go while the clock is behind, and again when the owner says that it is right', () => {
    const { messages, audit, store, clock } = ground();
    clock.advance(3_600_000);
    store.peers.policy();
    clock.advance(-3_600_000);
    expect(() => messages.submit(draft)).toThrow(
      expect.objectContaining({
        code: 'clock-behind',
        fix: expect.stringContaining('agent-peer clock accept') as string,
      }) as Error,
    );
    expect(audit).toMatchObject([{ allowed: false, reason: 'clock-behind' }]);
    expect(store.outbox.list(10)).toEqual([]);
    store.peers.acceptClock();
    expect(messages.submit(draft)).toMatchObject({ state: 'queued' });
  });

  it('lets nothing go under a policy that cannot be read', () => {
    const { messages, audit, store } = ground();
    store.peers.putGrant(sampleOutboundGrant({ hold: 'perhaps' as never, peer: CAROL }));
    expect(() => messages.submit(draft)).toThrow(
      expect.objectContaining({ code: 'storage-unavailable' }) as Error,
    );
    expect(audit).toMatchObject([{ allowed: false, reason: 'policy-unavailable' }]);
    expect(store.outbox.list(10)).toEqual([]);
  });

  it('lets nothing go with a store that is closed', () => {
    const { messages, audit, store, wake } = ground();
    store.close();
    expect(() => messages.submit(draft)).toThrow(
      expect.objectContaining({ code: 'storage-unavailable' }) as Error,
    );
    expect(audit).toMatchObject([{ allowed: false, reason: 'policy-unavailable' }]);
    expect(wake).not.toHaveBeenCalled();
  });

  it.each(['plain', 'zwei\r\nZeilen\n', ' \u2028 "\\u0041" \u{1f642} e\u0301 \ufeff', '\u0001<b>&amp;'])(
    'writes down the digest that the receiver writes down of %j',
    async (text) => {
      const { messages, audit } = ground();
      const { id, conversation } = messages.submit({ ...draft, text });
      const { port, server, audit: theirs } = await startListener();
      onTestFinished(() => server.close(0));
      await createSender({ port }).deliver({
        id,
        conversation,
        text: messages.find(id)?.text ?? '',
        alias: HANDOFF,
      });
      expect(theirs).toMatchObject([{ messageId: id, reason: 'accepted' }]);
      expect(audit[0]?.textDigest).toMatch(/^[0-9a-f]{64}$/);
      expect(theirs[0]?.textDigest).toBe(audit[0]?.textDigest);
    },
  );
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
