/**
 * The store keeps everything of this stack in one SQLite file.
 *
 * - What a call returned for is on disk: a process that is killed the moment after loses nothing.
 * - One process at a time has it. A second one is refused at once, also from another container, and the lock goes with
 *   its holder, however that ends.
 * - A peer's message id is accepted once for ever; a final state never changes; what was said never changes.
 * - Whatever is wrong with the folder, the file or the disk is told as one error with what to do, and nothing is lost.
 */
import { chmodSync, closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import type { ConversationId, MessageId, TaskId } from '../../src/core/message.ts';
import type { PeerName } from '../../src/core/peer.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import { openDatabase } from '../../src/store/database.ts';
import { createInboxStore } from '../../src/store/inbox.ts';
import { migrate, SCHEMA } from '../../src/store/migrations.ts';
import { startChild } from '../harness/child.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import {
  BOB,
  CAROL,
  HANDOFF,
  sampleGrant,
  sampleInbound,
  sampleOutbound,
  sampleOutboundGrant,
  samplePeer,
} from '../harness/samples.ts';
import { tempFolder } from '../harness/temp-folder.ts';
import { tempStore } from '../harness/temp-store.ts';
import { bringTo, takeBack } from '../harness/inbox-moves.ts';
import { caught } from '../harness/caught.ts';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

function storeWithPeers(clock = createFakeClock()) {
  const store = tempStore(clock);
  store.peers.addPeer(samplePeer(BOB));
  store.peers.addPeer(samplePeer(CAROL));
  return store;
}

describe('processes', () => {
  it('has on disk what it returned for, when the process is killed the moment after', async () => {
    const folder = tempFolder();
    const child = startChild('store-child.ts', folder, 'accept');
    expect(await child.said()).toEqual({ kind: 'new' });
    await child.kill();

    const store = tempStore(createFakeClock(), folder);
    expect(store.inbox.open()).toMatchObject([
      { messageId: 'in-1', state: 'accepted', text: 'text of in-1' },
    ]);
    expect(store.outbox.find('out-1')).toMatchObject({ state: 'queued', text: 'text of out-1' });
    expect(store.peers.outboundToken(BOB)).toBe('a token for bob');
    expect(store.inbox.accept(sampleInbound('in-1')).kind).toBe('repeated');
  });

  it('refuses a second process until the first is gone, by a kill too', async () => {
    const folder = tempFolder();
    const first = startChild('store-child.ts', folder, 'hold');
    expect(await first.said()).toEqual({ opened: true });

    const second = await startChild('store-child.ts', folder, 'open').said();
    expect(second['code']).toBe('storage-locked');
    expect(second['line']).toMatch(
      /is in use by another proxy\. Stop the other proxy, or give this one a data volume/,
    );
    expect(caught(() => tempStore(createFakeClock(), folder)).code).toBe('storage-locked');

    await first.kill();
    expect(await startChild('store-child.ts', folder, 'open').said()).toEqual({ opened: true });
  });

  it('still refuses a second process after this one tried to open it twice', async () => {
    const folder = tempFolder();
    const store = tempStore(createFakeClock(), folder);
    expect(caught(() => tempStore(createFakeClock(), folder)).code).toBe('storage-locked');
    expect((await startChild('store-child.ts', folder, 'open').said())['code']).toBe('storage-locked');
    store.peers.addPeer(samplePeer());
    expect((await startChild('store-child.ts', folder, 'open').said())['code']).toBe('storage-locked');
  });

  it('lets exactly one of several that start at the same moment have it', async () => {
    const folder = tempFolder();
    const children = [1, 2, 3, 4].map(() => startChild('store-child.ts', folder, 'hold'));
    const answers = await Promise.all(children.map((child) => child.said()));
    expect(answers.filter((answer) => answer['opened'] === true)).toHaveLength(1);
    expect(answers.filter((answer) => answer['code'] === 'storage-locked')).toHaveLength(3);
  });
});

describe('files', () => {
  it('are for their owner alone', () => {
    const folder = tempFolder();
    const store = tempStore(createFakeClock(), folder);
    store.peers.addPeer(samplePeer());
    expect(['agent-peer.db', 'agent-peer.db-wal', 'key'].map((name) => modeOf(join(folder, name)))).toEqual([
      '600',
      '600',
      '600',
    ]);
  });

  it('become so again when somebody opened them up', () => {
    const folder = tempFolder();
    tempStore(createFakeClock(), folder).close();
    chmodSync(join(folder, 'agent-peer.db'), 0o644);
    tempStore(createFakeClock(), folder);
    expect(modeOf(join(folder, 'agent-peer.db'))).toBe('600');
  });

  it.each([
    [
      'a folder that is not there',
      () => join(tempFolder(), 'nowhere'),
      /does not exist\. Mount the data volume there/,
    ],
    [
      'a folder that cannot be written',
      () => '/proc',
      /cannot be made or written \(E[A-Z]+\)\. Check that the data/,
    ],
  ])('in %s: one clear error', (_, folder, line) => {
    const error = caught(() => tempStore(createFakeClock(), folder()));
    expect(error.code).toBe('storage-unavailable');
    expect(error.line).toMatch(line);
  });

  it('that hold something else are refused, and left as they are', () => {
    const folder = tempFolder();
    const file = join(folder, 'agent-peer.db');
    writeFileSync(file, 'this is a shopping list and no database at all '.repeat(100));
    const before = readFileSync(file);
    expect(caught(() => tempStore(createFakeClock(), folder)).line).toMatch(
      /is not a database of agent-peer\. Move it/,
    );
    expect(readFileSync(file)).toEqual(before);
  });

  it('with a damaged page are refused at the start', () => {
    const folder = tempFolder();
    const store = tempStore(createFakeClock(), folder);
    store.peers.addPeer(samplePeer());
    for (let i = 0; i < 200; i += 1) store.outbox.add(sampleOutbound(`m${i}`, { text: 'x'.repeat(1000) }));
    store.close();
    const file = join(folder, 'agent-peer.db');
    const descriptor = openSync(file, 'r+');
    // Behind the schema, among the messages.
    for (let page = 60; page < 80; page += 1)
      writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
    closeSync(descriptor);

    const error = caught(() => tempStore(createFakeClock(), folder));
    expect(error.code).toBe('storage-unavailable');
    expect(error.line).toMatch(/is damaged .*put back a backup/);
  });

  it('of a newer version are refused, and left as they are', () => {
    const folder = tempFolder();
    tempStore(createFakeClock(), folder).close();
    const file = join(folder, 'agent-peer.db');
    const db = new DatabaseSync(file);
    db.exec(`PRAGMA user_version = ${SCHEMA + 1}`);
    db.close();
    const error = caught(() => tempStore(createFakeClock(), folder));
    expect(error.line).toMatch(
      new RegExp(`has schema ${SCHEMA + 1}, newer than the ${SCHEMA} .*Run the version that`),
    );
    const after = new DatabaseSync(file);
    expect({ ...after.prepare('PRAGMA user_version').get() }).toEqual({ user_version: SCHEMA + 1 });
    after.close();
  });
});

describe('migrations', () => {
  it('run in order, once, and a step that fails leaves the database where it was', () => {
    const file = join(tempFolder(), 'some.db');
    const db = openDatabase(file);
    const version = () => db.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version;
    migrate(db, ['CREATE TABLE a (x) ', 'CREATE TABLE b (x)']);
    expect(version()).toBe(2);
    expect(() =>
      migrate(db, ['', '', 'CREATE TABLE c (x)', 'CREATE TABLE d (x); CREATE TABLE nonsense']),
    ).toThrow();
    expect(version()).toBe(3);
    const tables = () => db.prepare<{ name: string }>('SELECT name FROM sqlite_schema').all();
    expect(tables().map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    migrate(db, ['', '', '', 'CREATE TABLE d (x)']);
    expect(version()).toBe(4);
    db.close();
  });
});

describe('a full disk', () => {
  it('refuses new messages, loses nothing that was accepted, and serves again when there is room', () => {
    const db = openDatabase(join(tempFolder(), 'small.db'));
    migrate(db);
    db.exec(
      `INSERT INTO peers (name, node_id, login, token_digest, state, created_at)
       VALUES ('bob', 'n1', 'bob@example.com', 'd', 'active', 0)`,
    );
    const inbox = createInboxStore(db);
    expect(inbox.accept(sampleInbound('before')).kind).toBe('new');
    const pages = db.prepare<{ page_count: number }>('PRAGMA page_count').get()?.page_count ?? 0;
    db.exec(`PRAGMA max_page_count = ${pages + 4}`);

    const big = sampleInbound('big', { text: 'x'.repeat(200_000) });
    const error = caught(() => inbox.accept(big));
    expect(error.code).toBe('storage-unavailable');
    expect(error.line).toMatch(/the disk is full\. Free some space on the data volume/);
    expect(inbox.open().map(({ messageId }) => messageId)).toEqual(['before']);
    expect(inbox.accept(sampleInbound('before')).kind).toBe('repeated');

    db.exec('PRAGMA max_page_count = 10000');
    expect(inbox.accept(big).kind).toBe('new');
    db.close();
  });
});

describe('peers and grants', () => {
  it('answers a new snapshot after each change, and keeps the old one as it was', () => {
    const store = tempStore();
    const empty = store.peers.policy();
    store.peers.addPeer(samplePeer());
    const one = store.peers.policy();
    store.peers.putGrant(sampleGrant());
    store.peers.putGrant(sampleOutboundGrant());
    expect(empty.peers).toEqual([]);
    expect(one.inbound.size + one.outbound.size).toBe(0);
    for (const { inbound, outbound } of [store.peers.policy(), store.reopen().peers.policy()]) {
      expect(inbound.get(BOB)?.get(HANDOFF)).toEqual(sampleGrant());
      expect(outbound.get(BOB)?.get('any')).toEqual(sampleOutboundGrant());
      expect([inbound.size, outbound.size]).toEqual([1, 1]);
    }
  });

  it('replaces the grant of an alias, and lists by peer', () => {
    const store = storeWithPeers();
    const other = 'agent:main:other' as SessionKey;
    const narrow = { operations: ['task-read'], sendsPerMinute: 3, hold: 'both', expiresAt: 5 } as const;
    store.peers.putGrant(sampleGrant({ ...narrow }));
    expect(store.peers.listGrants(BOB)).toEqual([sampleGrant({ ...narrow })]);
    store.peers.putGrant(sampleGrant({ sessionKey: other }));
    store.peers.putGrant(sampleOutboundGrant({ alias: HANDOFF }));
    store.peers.putGrant(sampleGrant({ peer: CAROL, alias: 'x' as Alias }));
    expect(store.peers.listGrants(BOB)).toEqual([
      sampleGrant({ sessionKey: other }),
      sampleOutboundGrant({ alias: HANDOFF }),
    ]);
    expect(store.peers.listGrants()).toHaveLength(3);
  });

  it('refuses a name twice, and a grant or token for nobody', () => {
    const store = storeWithPeers();
    expect(caught(() => store.peers.addPeer(samplePeer())).code).toBe('peer-exists');
    const nobody = 'nobody' as PeerName;
    for (const grant of [sampleGrant({ peer: nobody }), sampleOutboundGrant({ peer: nobody })])
      expect(caught(() => store.peers.putGrant(grant)).code).toBe('peer-not-found');
    expect(caught(() => store.peers.putOutboundToken(nobody, 'x')).code).toBe('peer-not-found');
    expect(store.peers.findPeer('nobody')).toBeNull();
    expect(store.peers.outboundToken(nobody)).toBeNull();
  });
});

describe('the inbox', () => {
  it('accepts a message id of a peer once, and tells a repetition from a reuse', () => {
    const store = storeWithPeers();
    const first = store.inbox.accept(sampleInbound('a'));
    const again = { ...sampleInbound('a'), taskId: 'task-other' as TaskId, turnKey: 'key-other' };
    expect(store.inbox.accept(again)).toEqual({
      kind: 'repeated',
      message: first.kind === 'new' ? first.message : null,
    });
    expect(store.inbox.accept({ ...again, contentDigest: 'other' })).toEqual({ kind: 'reused' });
    expect(store.inbox.accept({ ...again, peer: CAROL }).kind).toBe('new');
    expect(store.inbox.list(10)).toHaveLength(2);
  });

  it('remembers an id whatever became of the message', () => {
    const store = storeWithPeers();
    store.inbox.accept(sampleInbound('a'));
    bringTo(store.inbox, 'task-a', 'replied', { reply: 'yes', now: 1 });
    expect(store.reopen().inbox.accept(sampleInbound('a'))).toMatchObject({
      kind: 'repeated',
      message: { state: 'replied', reply: 'yes' },
    });
  });

  it('shows a peer its own tasks only', () => {
    const store = storeWithPeers();
    store.inbox.accept(sampleInbound('a'));
    expect(store.inbox.findTask(BOB, 'task-a')).toMatchObject({ messageId: 'a' });
    expect(store.inbox.findTask(CAROL, 'task-a')).toBeNull();
    expect(store.inbox.find('task-a' as TaskId)).toMatchObject({ messageId: 'a' });
  });

  it('never changes a final state', () => {
    const store = storeWithPeers();
    store.inbox.accept(sampleInbound('a'));
    bringTo(store.inbox, 'task-a', 'replied', { reply: 'yes', now: 1 });
    const after = bringTo(store.inbox, 'task-a', 'failed', { detail: 'd', now: 2 });
    expect(after).toMatchObject({ state: 'replied', reply: 'yes', detail: null, updatedAt: 1 });
    expect(store.inbox.find('task-a' as TaskId)).toEqual(after);
  });

  it('cancels what the gateway cannot have seen, and nothing else', () => {
    const store = storeWithPeers();
    for (const id of ['a', 'b', 'c']) store.inbox.accept(sampleInbound(id));
    bringTo(store.inbox, 'task-b', 'running', { now: 1 });
    bringTo(store.inbox, 'task-c', 'replied', { reply: 'yes', now: 1 });
    expect(takeBack(store.inbox, 'task-a', 2)).toMatchObject({ state: 'cancelled', updatedAt: 2 });
    expect(takeBack(store.inbox, 'task-b', 2)).toMatchObject({ state: 'running', updatedAt: 1 });
    expect(takeBack(store.inbox, 'task-c', 2)).toMatchObject({ state: 'replied', reply: 'yes' });
    expect(takeBack(store.inbox, 'task-a', 3)).toMatchObject({ state: 'cancelled', updatedAt: 2 });
    expect(bringTo(store.inbox, 'task-a', 'running', { now: 4 }).state).toBe('cancelled');
    expect(store.inbox.open().map(({ messageId }) => messageId)).toEqual(['b']);
    expect(store.inbox.counts()).toEqual({ cancelled: 1, running: 1, replied: 1 });
    expect(caught(() => takeBack(store.inbox, 'task-z', 2)).code).toBe('message-not-found');
  });

  it('finds the message that a peer sent under an id, and no other peer', () => {
    const store = storeWithPeers();
    store.inbox.accept(sampleInbound('a'));
    expect(store.inbox.findMessage(BOB, 'a' as MessageId)).toMatchObject({ taskId: 'task-a' });
    expect(store.inbox.findMessage(CAROL, 'a' as MessageId)).toBeNull();
    expect(store.inbox.findMessage(BOB, 'task-a' as MessageId)).toBeNull();
  });

  it('counts what was accepted in the last minute, on disk, whatever became of it', () => {
    const store = storeWithPeers();
    const now = 10_000_000;
    const other = 'other' as Alias;
    const accept = (id: string, at: number, over: Parameters<typeof sampleInbound>[1] = {}) =>
      store.inbox.accept(sampleInbound(id, { createdAt: at, ...over }));
    accept('too-old', now - 60_000);
    accept('just-in', now - 59_999);
    accept('cancelled', now - 5);
    accept('other-alias', now - 5, { alias: other });
    accept('from-carol', now - 5, { peer: CAROL });
    accept('of-a-clock-a-little-ahead', now + 119_999);
    accept('of-a-clock-far-ahead', now + 3_600_000);
    accept('just-in', now);
    takeBack(store.inbox, 'task-cancelled', now);
    expect(store.inbox.usage(BOB, HANDOFF, now)).toEqual({ underGrant: 3, fromPeer: 4, fromAll: 5 });
    const { inbox } = store.reopen();
    expect(inbox.usage(BOB, HANDOFF, now)).toEqual({ underGrant: 3, fromPeer: 4, fromAll: 5 });
    expect(inbox.usage(BOB, other, now)).toEqual({ underGrant: 1, fromPeer: 4, fromAll: 5 });
    expect(inbox.usage(CAROL, HANDOFF, now)).toEqual({ underGrant: 1, fromPeer: 1, fromAll: 5 });
    expect(inbox.usage(BOB, HANDOFF, now + 60_000)).toEqual({ underGrant: 1, fromPeer: 1, fromAll: 1 });
  });

  it('offers nothing of a resting peer but what runs, and what stands behind it', () => {
    const store = storeWithPeers();
    const sessions = { own: 'agent:main:own', shared: 'agent:main:shared', busy: 'agent:main:busy' } as const;
    const add = (id: string, peer: PeerName, session: keyof typeof sessions) =>
      store.inbox.accept(sampleInbound(id, { peer, sessionKey: sessions[session] as SessionKey }));
    add('b-own', BOB, 'own');
    add('b-shared', BOB, 'shared');
    add('c-shared', CAROL, 'shared');
    add('b-busy', BOB, 'busy');
    add('c-busy', CAROL, 'busy');
    bringTo(store.inbox, 'task-b-busy', 'running', { now: 1 });
    const heads = (...resting: PeerName[]) =>
      store.inbox.heads(10, resting).map(({ messageId }) => messageId);
    expect(heads()).toEqual(['b-own', 'b-shared', 'b-busy']);
    expect(heads(BOB)).toEqual(['c-shared', 'b-busy']);
    expect(heads(BOB, CAROL)).toEqual(['b-busy']);
    expect([...store.inbox.waitingPeers()].sort()).toEqual([BOB, CAROL]);
  });

  it('offers the oldest open message of each session, and finds those whose time is over', () => {
    const store = storeWithPeers();
    const other = 'agent:main:other' as SessionKey;
    store.inbox.accept(sampleInbound('a1', { expiresAt: 100 }));
    store.inbox.accept(sampleInbound('a2', { expiresAt: 50 }));
    store.inbox.accept(sampleInbound('b1', { sessionKey: other }));
    const heads = () => store.inbox.heads(10, []).map(({ messageId }) => messageId);
    expect(heads()).toEqual(['a1', 'b1']);
    bringTo(store.inbox, 'task-a1', 'running', { now: 1 });
    expect(heads()).toEqual(['a1', 'b1']);
    expect(store.inbox.overdue(99, 10).map(({ messageId }) => messageId)).toEqual(['a2']);
    expect(store.inbox.overdue(100, 10).map(({ messageId }) => messageId)).toEqual(['a2']);
    bringTo(store.inbox, 'task-a1', 'failed', { now: 1 });
    expect(heads()).toEqual(['a2', 'b1']);
    expect(store.inbox.open().map(({ messageId }) => messageId)).toEqual(['a2', 'b1']);
    expect(store.inbox.counts()).toEqual({ accepted: 2, failed: 1 });
  });
});

describe('the outbox', () => {
  const at = { now: 5, nextAttemptAt: 9 };

  it('counts attempts, keeps what the peer said, and never changes a final state', () => {
    const store = storeWithPeers();
    const id = store.outbox.add(sampleOutbound('a')).id;
    store.outbox.apply(id, { kind: 'not-delivered', detail: 'no route' }, at);
    expect(store.outbox.find('a')).toMatchObject({
      state: 'queued',
      attempts: 1,
      nextAttemptAt: 9,
      detail: 'no route',
    });
    store.outbox.apply(id, { kind: 'receipt', taskId: 't' }, at);
    store.outbox.apply(id, { kind: 'not-delivered', detail: 'cut' }, at);
    expect(store.outbox.find('a')).toMatchObject({
      state: 'accepted',
      attempts: 3,
      taskId: 't',
      detail: 'cut',
    });
    const answered = store.outbox.apply(id, { kind: 'replied', taskId: 't', reply: 'yes' }, at);
    expect(answered).toMatchObject({ state: 'answered', reply: 'yes', detail: null, updatedAt: 5 });
    expect(store.outbox.apply(id, { kind: 'refused', reason: 'internal-error', detail: 'd' }, at)).toEqual(
      answered,
    );
    expect(store.reopen().outbox.find('a')).toEqual(answered);
  });

  it('tells what the peer holds, until a person here lets it go on or the peer holds it no more', () => {
    const store = storeWithPeers();
    const [a, b, c] = ['a', 'b', 'c'].map((id) => store.outbox.add(sampleOutbound(id)).id) as [
      MessageId,
      MessageId,
      MessageId,
    ];
    for (const id of [a, b, c])
      store.outbox.apply(id, { kind: 'receipt', taskId: id, held: 'hop-limit' }, at);
    const held = () => store.outbox.heldByPeer(9).map(({ id }) => id);
    expect([held(), store.outbox.countHeldByPeer()]).toEqual([['a', 'b', 'c'], 3]);
    store.outbox.apply(a, { kind: 'released' }, at);
    store.outbox.apply(b, { kind: 'receipt', taskId: b }, at);
    store.outbox.apply(c, { kind: 'failed', detail: 'd' }, at);
    expect([held(), store.outbox.countHeldByPeer()]).toEqual([[], 0]);
    expect(store.reopen().outbox.find('a')).toMatchObject({
      state: 'accepted',
      isReleased: true,
      attempts: 1,
      taskId: 'a',
    });
  });

  it('lets no chain begin anew that is not at a peer', () => {
    const store = storeWithPeers();
    const { id } = store.outbox.add(sampleOutbound('a', { hold: 'grant' }));
    const before = store.outbox.find(id);
    expect(store.outbox.apply(id, { kind: 'released' }, at)).toEqual(before);
  });

  it('keeps what was said as it was said, whatever is written to the file', () => {
    const folder = tempFolder();
    const store = tempStore(createFakeClock(), folder);
    store.peers.addPeer(samplePeer());
    store.outbox.add(sampleOutbound('a'));
    store.inbox.accept(sampleInbound('b'));
    store.close();
    const db = new DatabaseSync(join(folder, 'agent-peer.db'));
    expect(() => db.exec(`UPDATE outbox SET text = 'other'`)).toThrow('an outbox message never changes');
    expect(() => db.exec(`UPDATE inbox SET session_key = 'agent:main:main'`)).toThrow(
      'an inbox message never changes',
    );
    expect(() => db.exec(`DELETE FROM peers`)).toThrow('FOREIGN KEY');
    db.close();
  });

  it('offers the first queued message of each conversation, and asks for the longest unasked first', () => {
    const store = storeWithPeers();
    const talk = 'talk' as ConversationId;
    const add = (id: string, conversation: ConversationId, createdAt: number) =>
      store.outbox.add(sampleOutbound(id, { conversation, createdAt, expiresAt: 1000 }));
    add('a1', talk, 1);
    add('a2', talk, 2);
    add('b1', 'other' as ConversationId, 3);
    const offered = (now: number) => store.outbox.toHandOver(BOB, now, 10).map(({ id }) => id);
    const asked = (now: number) => store.outbox.toAskFor(BOB, now, 10).map(({ id }) => id);
    expect(offered(3)).toEqual(['a1', 'b1']);
    expect(store.outbox.toHandOver(CAROL, 3, 10)).toEqual([]);

    store.outbox.apply(
      'a1' as MessageId,
      { kind: 'not-delivered', detail: 'd' },
      { now: 4, nextAttemptAt: 20 },
    );
    expect(offered(10)).toEqual(['b1']);
    expect(store.outbox.nextDueAt(BOB, 10)).toBe(20);
    store.outbox.hurry(BOB, 10);
    expect(offered(10)).toEqual(['b1', 'a1']);
    expect(store.outbox.nextDueAt(BOB, 10)).toBe(1000);
    expect(offered(1000)).toEqual(['a1', 'a2', 'b1']);

    store.outbox.apply('a1' as MessageId, { kind: 'receipt', taskId: 't1' }, { now: 11, nextAttemptAt: 30 });
    store.outbox.apply('b1' as MessageId, { kind: 'receipt', taskId: 't2' }, { now: 11, nextAttemptAt: 25 });
    expect(offered(12)).toEqual(['a2']);
    expect(asked(24)).toEqual([]);
    expect(asked(40)).toEqual(['b1', 'a1']);
    expect(store.outbox.list(10).map(({ id }) => id)).toEqual(['b1', 'a2', 'a1']);
    expect(store.outbox.counts()).toEqual({ accepted: 2, queued: 1 });

    const expired = { kind: 'expired' } as const;
    expect(store.outbox.apply('a1' as MessageId, expired, at).detail).toMatch(/before the peer ran it$/);
    expect(store.outbox.apply('a2' as MessageId, expired, at).detail).toMatch(/before there was a receipt$/);
  });
});
