/**
 * What waits for a person, as the owner of this stack decides about it.
 *
 * - Everything that waits is shown, in both directions, messages and replies, and for whom it waits.
 * - A yes lets it go on at once, a no ends it and keeps the note; both tell who waits for it.
 * - A word that comes too late changes nothing. What another owner has to decide is not decided here.
 * - Each decision stands in the audit log, with the digest of what was looked at and never with the text.
 */
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../src/core/content.ts';
import type { ConversationId, MessageId, TaskId } from '../../src/core/message.ts';
import { createDigests } from '../../src/digests.ts';
import { AgentPeerError } from '../../src/errors.ts';
import type { AuditEntry } from '../../src/ports/audit.ts';
import type { NewOutboxMessage } from '../../src/ports/messages.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import { bringTo } from '../harness/inbox-moves.ts';
import { BOB, HANDOFF, sampleInbound, sampleOutbound, samplePeer, SESSION } from '../harness/samples.ts';
import { storeHolds } from '../harness/store-holds.ts';
import { tempStore } from '../harness/temp-store.ts';

const HOUR = 3_600_000;
const digests = createDigests();

function ground() {
  const clock = createFakeClock();
  const store = tempStore(clock);
  store.peers.addPeer(samplePeer(BOB));
  const audit: AuditEntry[] = [];
  /** What was told to whom, in order. */
  const told: string[] = [];
  const record = (entry: AuditEntry) => void audit.push(entry);
  const tell = (what: string) => (one: { state: string }) => void told.push(`${what} ${one.state}`);
  const holds = storeHolds(
    store,
    { audit: { record }, digests, clock },
    { changed: tell('outbound') },
    {
      wakeSender: (peer) => void told.push(`sender to ${peer}`),
      wakeInbox: () => void told.push('inbox'),
      onInboundChange: tell('inbound'),
    },
  );
  const at = { now: clock.now(), nextAttemptAt: clock.now() + HOUR };
  const add = (id: string, over: Partial<NewOutboxMessage> = {}) => {
    const { id: added } = store.outbox.add(sampleOutbound(id, { createdAt: clock.now(), ...over }));
    return added;
  };
  return {
    ...{ clock, store, audit, told, holds },
    heldOutbound: () => add('out', { hold: 'grant' }),
    replyHeld: (over: Partial<NewOutboxMessage> = {}) => {
      const id = add('out', over);
      const holdUntil = clock.now() + HOUR;
      store.outbox.apply(id, { kind: 'replied', taskId: 't', reply: 'their reply', holdUntil }, at);
      return id;
    },
    heldThere: (held: 'hop-limit' | 'turns-per-day' | 'reply') => {
      const id = add('out');
      store.outbox.apply(id, { kind: 'receipt', taskId: 't', held }, at);
      return id;
    },
    heldInbound: () => {
      const expiresAt = clock.now() + HOUR;
      store.inbox.accept(sampleInbound('in', { hold: 'hop-limit', createdAt: clock.now(), expiresAt }));
      return 'task-in' as TaskId;
    },
    ourReplyHeld: () => {
      store.inbox.accept(sampleInbound('in', { createdAt: clock.now() }));
      bringTo(store.inbox, 'task-in', 'reply-held', { now: clock.now(), reply: 'our reply' });
      return 'task-in' as TaskId;
    },
  };
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof AgentPeerError) return error.code;
    throw error;
  }
  return 'none';
}

describe('what waits', () => {
  const about = { peer: BOB, alias: HANDOFF, content: PLAIN };
  const message = { what: 'message', place: 'here', reply: null } as const;
  const ours = { id: 'out', direction: 'outbound', text: 'text of out', conversation: 'conversation-out' };
  const theirs = { id: 'task-in', direction: 'inbound', text: 'text of in', conversation: 'conversation-in' };
  type Ground = ReturnType<typeof ground>;
  it.each<[string, (it: Ground) => unknown, object]>([
    ['our message', (it) => it.heldOutbound(), { ...ours, ...message, reason: 'grant' }],
    [
      'their reply',
      (it) => it.replyHeld(),
      { ...ours, what: 'reply', place: 'here', reply: 'their reply', reason: 'grant' },
    ],
    [
      'our message at the peer',
      (it) => it.heldThere('turns-per-day'),
      {
        ...ours,
        ...message,
        place: 'peer',
        reason: 'turns-per-day',
      },
    ],
    [
      'the reply at the peer',
      (it) => it.heldThere('reply'),
      {
        ...ours,
        what: 'reply',
        place: 'peer',
        reply: null,
        reason: 'grant',
      },
    ],
    ['their message', (it) => it.heldInbound(), { ...theirs, ...message, reason: 'hop-limit' }],
    [
      'our reply',
      (it) => it.ourReplyHeld(),
      {
        ...theirs,
        what: 'reply',
        place: 'here',
        reply: 'our reply',
        reason: 'grant',
      },
    ],
  ])('is shown: %s', (_what, hold, expected) => {
    const it = ground();
    hold(it);
    const [item, ...more] = it.holds.list();
    expect(more).toEqual([]);
    expect(item).toMatchObject({ ...about, ...expected, since: it.clock.now() });
    expect(item?.until).toBeGreaterThan(it.clock.now());
    expect(it.holds.find(item?.id ?? '')).toEqual(item);
    const isHere = item?.place === 'here';
    expect(it.holds.counts()).toEqual({ here: isHere ? 1 : 0, there: isHere ? 0 : 1 });
  });

  it('is listed oldest first, and what others have to decide behind it', () => {
    const it = ground();
    it.heldThere('turns-per-day');
    it.clock.advance(1000);
    it.heldInbound();
    it.clock.advance(1000);
    it.store.outbox.add(sampleOutbound('later', { hold: 'grant', createdAt: it.clock.now() }));
    expect(it.holds.list().map(({ id }) => id)).toEqual(['task-in', 'later', 'out']);
  });
});

describe('a yes', () => {
  it('sends our message', () => {
    const it = ground();
    it.holds.approve(it.heldOutbound());
    expect(it.store.outbox.find('out')).toMatchObject({ state: 'queued', isReleased: true });
    expect(it.store.outbox.toHandOver(BOB, it.clock.now(), 1)).toHaveLength(1);
    expect(it.told).toEqual(['outbound queued', 'sender to bob']);
  });

  it('gives their reply to who waits for it', () => {
    const it = ground();
    it.holds.approve(it.replyHeld());
    expect(it.store.outbox.find('out')).toMatchObject({ state: 'answered', reply: 'their reply' });
    expect(it.told[0]).toBe('outbound answered');
    expect(it.store.inbox.list(1)).toEqual([]);
  });

  it('brings their reply into the session that the message names, and not before', () => {
    const it = ground();
    const id = it.replyHeld({ replySession: SESSION });
    expect(it.store.inbox.list(1)).toEqual([]);
    it.holds.approve(id);
    expect(it.store.inbox.list(2)).toMatchObject([
      { origin: 'reply', sessionKey: SESSION, text: 'their reply', state: 'accepted' },
    ]);
    expect(it.told).toContain('inbox');
  });

  it('lets the session have their message', () => {
    const it = ground();
    it.holds.approve(it.heldInbound());
    expect(it.store.inbox.heads(1, [])).toMatchObject([{ taskId: 'task-in', isReleased: true }]);
    expect(it.told).toEqual(['inbound accepted', 'inbox']);
  });

  it('lets our reply go', () => {
    const it = ground();
    it.holds.approve(it.ourReplyHeld());
    expect(it.store.inbox.find('task-in' as TaskId)).toMatchObject({ state: 'replied', reply: 'our reply' });
    expect(it.told).toEqual(['inbound replied']);
  });

  it('to what the peer holds for its chain begins the chain anew, once, and asks at once', () => {
    const it = ground();
    const id = it.heldThere('hop-limit');
    it.holds.approve(id);
    const after = it.store.outbox.find(id);
    expect(after).toMatchObject({ state: 'accepted', isReleased: true, peerHold: null, attempts: 1 });
    expect(it.store.outbox.toAskFor(BOB, it.clock.now(), 1)).toHaveLength(1);
    expect(it.told).toEqual(['outbound accepted', 'sender to bob']);
    expect(it.holds.list()).toEqual([]);

    const at = { now: it.clock.now(), nextAttemptAt: it.clock.now() };
    it.store.outbox.apply(id, { kind: 'receipt', taskId: 't', held: 'hop-limit' }, at);
    expect(codeOf(() => it.holds.approve(id))).toBe('hold-elsewhere');
  });

  it.each(['turns-per-day', 'reply'] as const)('to what the peer holds for %s is its owner’s', (held) => {
    const it = ground();
    const id = it.heldThere(held);
    const before = it.store.outbox.find(id);
    expect(() => it.holds.approve(id)).toThrow('it waits for the owner of "bob", not for you');
    expect([it.store.outbox.find(id), it.told, it.audit]).toEqual([before, [], []]);
  });
});

describe('a no', () => {
  it('ends our message, which never leaves', () => {
    const it = ground();
    it.holds.refuse(it.heldOutbound(), 'not to them');
    expect(it.store.outbox.find('out')).toMatchObject({
      state: 'refused',
      reason: 'hold-refused',
      detail: 'not to them',
    });
    expect(it.told).toEqual(['outbound refused']);
  });

  it('takes their reply away, also from the session that it was for', () => {
    const it = ground();
    it.holds.refuse(it.replyHeld({ replySession: SESSION }), '');
    expect(it.store.outbox.find('out')).toMatchObject({ state: 'refused', reply: null, detail: null });
    expect(it.store.inbox.list(1)).toEqual([]);
  });

  it('ends their message before the session has it, and keeps what is said to them', () => {
    const it = ground();
    it.holds.refuse(it.heldInbound(), ' please\nask first ');
    expect(it.store.inbox.find('task-in' as TaskId)).toMatchObject({
      state: 'refused',
      note: 'please ask first',
    });
    expect(it.store.inbox.open()).toEqual([]);
    expect(it.told).toEqual(['inbound refused']);
  });

  it('takes our reply away', () => {
    const it = ground();
    it.holds.refuse(it.ourReplyHeld(), '');
    expect(it.store.inbox.find('task-in' as TaskId)).toMatchObject({
      state: 'refused',
      reply: null,
      note: null,
    });
  });

  it('with a note that is too long ends nothing', () => {
    const it = ground();
    const id = it.heldInbound();
    expect(codeOf(() => it.holds.refuse(id, 'x'.repeat(501)))).toBe('input-invalid');
    expect(it.holds.list()).toHaveLength(1);
  });

  it('to what the peer holds is for its owner to say', () => {
    const it = ground();
    const id = it.heldThere('hop-limit');
    expect(codeOf(() => it.holds.refuse(id, ''))).toBe('hold-elsewhere');
    expect(it.store.outbox.find(id)).toMatchObject({ state: 'accepted' });
  });
});

describe('a word that is too late', () => {
  type Ground = ReturnType<typeof ground>;
  const now = (it: Ground) => ({ now: it.clock.now(), nextAttemptAt: it.clock.now() });
  it.each<[string, (it: Ground) => string]>([
    ['nothing', () => 'none'],
    [
      'what was cancelled',
      (it) => {
        const id = it.heldOutbound();
        it.store.outbox.apply(id, { kind: 'cancelled' }, now(it));
        return id;
      },
    ],
    [
      'what its sender took back',
      (it) => {
        const id = it.heldInbound();
        it.store.inbox.apply(id, { kind: 'cancelled', detail: null }, it.clock.now());
        return id;
      },
    ],
    [
      'what is over',
      (it) => {
        const id = it.heldInbound();
        it.store.inbox.apply(id, { kind: 'expired' }, it.clock.now());
        return id;
      },
    ],
    [
      'what is over, and was not ended yet',
      (it) => {
        const id = it.heldInbound();
        it.clock.advance(HOUR);
        return id;
      },
    ],
    [
      'what was decided',
      (it) => {
        const id = it.heldOutbound();
        it.holds.approve(id);
        return id;
      },
    ],
  ])('about %s changes nothing', (_what, held) => {
    const it = ground();
    const id = held(it);
    const before = [it.store.outbox.list(1), it.store.inbox.list(1), [...it.audit], [...it.told]];
    expect(codeOf(() => it.holds.approve(id))).toBe('hold-not-found');
    expect(codeOf(() => it.holds.refuse(id, 'no'))).toBe('hold-not-found');
    expect(codeOf(() => it.holds.find(id))).toBe('hold-not-found');
    expect([it.store.outbox.list(1), it.store.inbox.list(1), it.audit, it.told]).toEqual(before);
  });
});

describe('the audit log', () => {
  type Ground = ReturnType<typeof ground>;
  const entry = (over: Partial<AuditEntry>): AuditEntry => ({
    direction: 'outbound',
    surface: 'local',
    operation: 'message-submit',
    allowed: true,
    reason: 'hold-approved',
    peer: BOB,
    nodeId: null,
    alias: HANDOFF,
    messageId: 'out',
    textDigest: digests.text('text of out'),
    ...over,
  });
  const inbound = {
    direction: 'inbound',
    operation: 'message-send',
    messageId: 'in',
    textDigest: digests.text('text of in'),
  } as const;
  it.each<[string, (it: Ground) => string, Partial<AuditEntry>]>([
    ['our message', (it) => it.heldOutbound(), {}],
    [
      'their reply',
      (it) => it.replyHeld(),
      { operation: 'task-read', textDigest: digests.text('their reply') },
    ],
    ['their message', (it) => it.heldInbound(), inbound],
    [
      'our reply',
      (it) => it.ourReplyHeld(),
      { ...inbound, operation: 'task-read', textDigest: digests.text('our reply') },
    ],
  ])('has a yes and a no to %s', (_what, hold, expected) => {
    const [yes, no] = [ground(), ground()];
    yes.holds.approve(hold(yes));
    no.holds.refuse(hold(no), 'not now');
    expect(yes.audit).toEqual([entry(expected)]);
    expect(no.audit).toEqual([entry({ ...expected, allowed: false, reason: 'hold-refused' })]);
  });

  it('has that a chain was let begin anew', () => {
    const it = ground();
    it.holds.approve(it.heldThere('hop-limit'));
    expect(it.audit).toEqual([entry({ reason: 'hold-released' })]);
  });
});

describe('a conversation', () => {
  it('is kept by peer, both directions oldest first, without the turns that brought replies in', () => {
    const it = ground();
    it.store.peers.addPeer(samplePeer('carol' as never));
    const conversation = 'talk' as ConversationId;
    const { outbox, inbox } = it.store;
    for (const id of ['o1', 'o2']) outbox.add(sampleOutbound(id, { conversation, replySession: SESSION }));
    inbox.accept(sampleInbound('i1', { conversation }));
    inbox.accept(sampleInbound('i2', { conversation, peer: 'carol' as never }));
    const at = { now: 1, nextAttemptAt: 1 };
    const replyTurn = () => ({
      ...{ taskId: 'reply' as TaskId, turnKey: 'k', expiresAt: 2, contentDigest: 'd' },
      ...{ messageId: 'reply/o1' as MessageId, text: 'yes', hold: null },
    });
    outbox.apply('o1' as MessageId, { kind: 'replied', taskId: 't', reply: 'yes' }, { ...at, replyTurn });
    outbox.add(sampleOutbound('other'));
    expect(inbox.list(9)).toHaveLength(3);
    expect(outbox.ofConversation(conversation, null, 9).map(({ id }) => id)).toEqual(['o1', 'o2']);
    expect(inbox.ofConversation(conversation, null, 9).map(({ messageId }) => messageId)).toEqual([
      'i1',
      'i2',
    ]);
    expect(inbox.ofConversation(conversation, BOB, 9).map(({ messageId }) => messageId)).toEqual(['i1']);
    expect(outbox.ofConversation(conversation, 'carol' as never, 9)).toEqual([]);
    expect(outbox.ofConversation(conversation, null, 1).map(({ id }) => id)).toEqual(['o2']);
  });
});
