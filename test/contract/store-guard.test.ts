import { beforeEach, describe, expect, it } from 'vitest';
import { nextHop } from '../../src/core/guard.ts';
import type { HoldReason } from '../../src/core/hold.ts';
import type { InboxState } from '../../src/core/inbox.ts';
import type { ConversationId, MessageId } from '../../src/core/message.ts';
import type { OutboxEvent } from '../../src/core/outbox.ts';
import type { PeerName } from '../../src/core/peer.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import type { NewOutboxMessage } from '../../src/ports/messages.ts';
import { createFakeClock, type FakeClock } from '../harness/fake-clock.ts';
import { bringTo } from '../harness/inbox-moves.ts';
import { BOB, CAROL, sampleInbound, sampleOutbound, samplePeer } from '../harness/samples.ts';
import { tempStore, type TempStore } from '../harness/temp-store.ts';

const HOUR = 3_600_000;
const TALK = 'talk' as ConversationId;
const NOTHING = { lastHour: 0, lastDay: 0, ofConversation: 0, bytesLastDay: 0 };

let clock: FakeClock;
let store: TempStore;
let made = 0;
beforeEach(() => {
  clock = createFakeClock();
  store = tempStore(clock);
  for (const peer of [BOB, CAROL]) store.peers.addPeer(samplePeer(peer));
});

interface Received {
  readonly state: InboxState;
  readonly peer?: PeerName;
  readonly hop?: number;
  readonly text?: string;
  readonly conversation?: ConversationId;
  readonly sessionKey?: SessionKey;
  readonly hold?: HoldReason;
}

function receive({ state, hold, ...over }: Received): string {
  const id = `in-${(made += 1)}`;
  store.inbox.accept(
    sampleInbound(id, {
      createdAt: clock.now(),
      text: 'ab',
      ...over,
      hold: hold ?? (state === 'held' ? 'grant' : null),
    }),
  );
  bringTo(store.inbox, `task-${id}`, state, { now: clock.now(), reply: 'cde' });
  return `task-${id}`;
}

const RECEIPT: OutboxEvent = { kind: 'receipt', taskId: 't' };

function send(...events: readonly OutboxEvent[]): void {
  const { id } = store.outbox.add(
    sampleOutbound(`out-${(made += 1)}`, { createdAt: clock.now(), text: 'fg', conversation: TALK }),
  );
  for (const event of events) store.outbox.apply(id, event, { now: clock.now(), nextAttemptAt: clock.now() });
}

const load = (conversation: ConversationId | null = null, peer = BOB) =>
  store.guard.load(peer, conversation, clock.now());
const hop = (conversation: ConversationId | null = null) =>
  nextHop(store.guard.before(BOB, conversation, null, clock.now()));

describe('the turns of a pair', () => {
  it('are none at first', () => {
    expect(load(TALK)).toEqual(NOTHING);
  });

  it.each<[InboxState, number]>([
    ['held', 0],
    ['accepted', 1],
    ['running', 1],
    ['reply-held', 1],
    ['replied', 1],
    ['refused', 0],
    ['failed', 1],
    ['expired', 0],
    ['uncertain', 1],
    ['cancelled', 0],
  ])('count a message that is %s: %i', (state, count) => {
    receive({ state, conversation: TALK });
    expect(load(TALK)).toMatchObject({ lastHour: count, lastDay: count, ofConversation: count });
  });

  it('count what the peer took and ran, and not what it has not, or holds', () => {
    send();
    send({ kind: 'refused', reason: 'alias-not-granted', detail: 'd' });
    send({ ...RECEIPT, held: 'hop-limit' });
    expect(load(TALK)).toEqual(NOTHING);
    send(RECEIPT);
    send({ ...RECEIPT, held: 'reply' });
    send({ kind: 'replied', taskId: 't', reply: 'hi' });
    expect(load(TALK)).toEqual({ lastHour: 3, lastDay: 3, ofConversation: 3, bytesLastDay: 8 });
  });

  it('are both directions together, of this pair alone, with the bytes of texts and replies, and survive a restart', () => {
    receive({ state: 'replied', conversation: TALK });
    receive({ state: 'replied', peer: CAROL, conversation: TALK });
    send(RECEIPT);
    const expected = { lastHour: 2, lastDay: 2, ofConversation: 2, bytesLastDay: 7 };
    expect(load(TALK)).toEqual(expected);
    expect(load(null)).toEqual({ ...expected, ofConversation: 0 });
    store = store.reopen();
    expect(load(TALK)).toEqual(expected);
  });

  it('leave the hour after an hour and the day after a day, and their conversation never', () => {
    receive({ state: 'replied', conversation: TALK });
    clock.advance(HOUR - 1);
    expect(load(TALK)).toMatchObject({ lastHour: 1, lastDay: 1 });
    clock.advance(1);
    expect(load(TALK)).toMatchObject({ lastHour: 0, lastDay: 1 });
    clock.advance(23 * HOUR);
    expect(load(TALK)).toMatchObject({ lastDay: 0, ofConversation: 1, bytesLastDay: 0 });
  });

  it('count a reply that went into a session', () => {
    const { id } = store.outbox.add(
      sampleOutbound('asked', {
        createdAt: clock.now(),
        conversation: TALK,
        replySession: 'agent:main:peer-bob' as SessionKey,
      }),
    );
    const { taskId, contentDigest, expiresAt, hold } = sampleInbound('answer');
    const messageId = 'reply/asked' as MessageId;
    const replyTurn = () => ({
      taskId,
      messageId,
      contentDigest,
      expiresAt,
      hold,
      turnKey: 'key',
      text: 'hi',
    });
    store.outbox.apply(
      id,
      { kind: 'replied', taskId: 't', reply: 'hi' },
      { now: clock.now(), nextAttemptAt: clock.now(), replyTurn },
    );
    expect(load(TALK)).toMatchObject({ lastHour: 2, ofConversation: 2 });
    expect(hop(TALK)).toBe(2);
  });
});

describe('a peer of mode send-back', () => {
  const told = () => store.guard.told(BOB, clock.now());
  const sendWith = (over: Partial<NewOutboxMessage>) => {
    const { id } = store.outbox.add(
      sampleOutbound(`out-${(made += 1)}`, { createdAt: clock.now(), ...over }),
    );
    store.outbox.apply(id, RECEIPT, { now: clock.now(), nextAttemptAt: clock.now() });
  };

  it('is told last what it has had within ten minutes, whatever the conversation, and by its hop', () => {
    send();
    expect(told()).toBeNull();
    sendWith({ hop: 3, conversation: 'other' as ConversationId });
    expect(told()).toBe(3);
    sendWith({ hop: 1 });
    expect(told()).toBe(1);
    clock.advance(10 * 60_000);
    expect(told()).toBeNull();
  });

  it('has no end of turns in its one conversation, and hours and days as all others', () => {
    receive({ state: 'replied', conversation: TALK });
    expect(load(TALK)).toMatchObject({ ofConversation: 1, lastHour: 1 });
    store.peers.setReplies(BOB, { mode: 'send-back', port: 18_789 });
    expect(load(TALK)).toMatchObject({ ofConversation: 0, lastHour: 1 });
  });
});

describe('the hop of what a session sends that is known', () => {
  const OWN = 'agent:main:work' as SessionKey;
  const OTHER = 'agent:main:other' as SessionKey;
  const from = (reader: SessionKey, conversation: ConversationId | null = null) =>
    nextHop(store.guard.before(BOB, conversation, reader, clock.now()));

  it('begins where this session read nothing, whatever others read', () => {
    receive({ state: 'running', hop: 3, sessionKey: OTHER });
    receive({ state: 'replied', hop: 3, sessionKey: OTHER });
    expect([from(OWN), from(OTHER), hop()]).toEqual([0, 4, 4]);
  });

  it('is one more than the highest that it reads now, or read within the last minute', () => {
    receive({ state: 'running', hop: 1, peer: CAROL, sessionKey: OWN });
    receive({ state: 'replied', hop: 2, sessionKey: OWN });
    expect(from(OWN)).toBe(3);
    clock.advance(60_000);
    expect(from(OWN)).toBe(2);
  });

  it('follows its conversation as well, whoever read that, and the higher of both counts', () => {
    receive({ state: 'replied', hop: 3, conversation: TALK, sessionKey: OTHER });
    expect(from(OWN, TALK)).toBe(4);
    clock.advance(HOUR);
    expect([from(OWN), from(OWN, TALK)]).toEqual([0, 4]);
    receive({ state: 'running', hop: 0, sessionKey: OWN });
    expect([from(OWN), from(OWN, TALK)]).toEqual([1, 4]);
  });

  it('is not taken down by what another session reads of the same conversation', () => {
    receive({ state: 'replied', hop: 3, conversation: TALK, sessionKey: OWN });
    receive({ state: 'running', hop: 0, conversation: TALK, sessionKey: OTHER });
    expect(from(OWN)).toBe(4);
  });

  it('begins anew with what a person let go on', () => {
    const task = receive({ state: 'held', hop: 5, hold: 'hop-limit', sessionKey: OWN });
    store.inbox.apply(task as never, { kind: 'approved' }, clock.now());
    bringTo(store.inbox, task, 'running', { now: clock.now() });
    expect(from(OWN)).toBe(1);
  });
});

describe('the hop of what an agent sends', () => {
  it('is that of a beginning where nothing came before', () => {
    expect(hop()).toBe(0);
    expect(hop(TALK)).toBe(0);
  });

  it('is one more than that of the newest of its conversation, however long ago', () => {
    receive({ state: 'replied', hop: 1, conversation: TALK });
    receive({ state: 'replied', hop: 2, conversation: TALK });
    clock.advance(1000 * HOUR);
    expect(hop(TALK)).toBe(3);
    expect(hop('other' as ConversationId)).toBe(0);
  });

  it('is guessed from what an agent reads now, or has read within the last minute, whoever wrote it', () => {
    receive({ state: 'running', hop: 1, peer: CAROL });
    expect(hop()).toBe(2);
    receive({ state: 'replied', hop: 3, peer: CAROL });
    expect(hop()).toBe(4);
    clock.advance(59_999);
    expect(hop()).toBe(4);
    clock.advance(1);
    expect(hop()).toBe(2);
  });

  it('is not taken down by naming an old conversation, while something newer is read', () => {
    receive({ state: 'replied', hop: 0, conversation: TALK });
    clock.advance(HOUR);
    receive({ state: 'running', hop: 3 });
    expect(hop(TALK)).toBe(4);
  });

  it('follows a chain that began anew on another machine, at once, and not what else was read within the minute', () => {
    for (const hop of [0, 2, 4]) receive({ state: 'replied', hop, conversation: TALK });
    receive({ state: 'replied', hop: 1, conversation: TALK });
    expect(hop(TALK)).toBe(2);
    receive({ state: 'replied', hop: 2, peer: CAROL, conversation: TALK });
    expect(hop(TALK)).toBe(3);
  });

  it('is not taken down by what waits behind the message that is read', () => {
    receive({ state: 'replied', hop: 3, conversation: TALK });
    receive({ state: 'accepted', hop: 0, conversation: TALK });
    expect(hop(TALK)).toBe(4);
  });

  it('is not raised by what no agent has read', () => {
    for (const state of ['held', 'accepted', 'cancelled', 'expired'] as const) receive({ state, hop: 4 });
    expect(hop()).toBe(0);
  });

  it('begins anew with what a person let go on', () => {
    const task = receive({ state: 'held', hop: 5, hold: 'hop-limit', conversation: TALK });
    store.inbox.apply(task as never, { kind: 'approved' }, clock.now());
    bringTo(store.inbox, task, 'running', { now: clock.now() });
    expect(hop(TALK)).toBe(1);
  });
});
