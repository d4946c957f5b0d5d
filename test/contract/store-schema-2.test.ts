/**
 * A database of the version before this one, with rows in all of its tables.
 *
 * - Everything in it is there afterwards: peers, grants, tokens, credentials, messages in both directions, the clock.
 * - It allows exactly what it allowed before, and its messages can be gone on with.
 * - What this version adds can be used on it, and a step that fails leaves it as it was.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import type { TaskId } from '../../src/core/message.ts';
import type { PeerName } from '../../src/core/peer.ts';
import { newPeerToken } from '../../src/digests.ts';
import { openDatabase } from '../../src/store/database.ts';
import { loadKeyFile } from '../../src/store/key-file.ts';
import { migrate, SCHEMA } from '../../src/store/migrations.ts';
import { createSealer, purposeOf } from '../../src/store/sealed.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import {
  BOB,
  CAROL,
  HANDOFF,
  sampleGrant,
  sampleInbound,
  sampleInvite,
  sampleOutbound,
  sampleOutboundGrant,
  samplePairing,
  samplePeer,
} from '../harness/samples.ts';
import { SCHEMA_2 } from '../harness/schema-2.ts';
import { tempFolder } from '../harness/temp-folder.ts';
import { tempStore } from '../harness/temp-store.ts';
import { NO_LOAD } from '../harness/budgets.ts';

const TOKEN = newPeerToken();
const SEEN = Date.UTC(2026, 1, 1);
const bob = samplePeer(BOB, { expiresAt: SEEN + 86_400_000 });
const carol = samplePeer(CAROL, { state: 'revoked' });
const [handoff, any] = [sampleGrant({ sendsPerMinute: 7, expiresAt: SEEN + 1000 }), sampleOutboundGrant()];

function insert(db: DatabaseSync, table: string, row: Readonly<Record<string, SQLInputValue>>): void {
  const names = Object.keys(row);
  const places = names.map((name) => `:${name}`);
  db.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places.join(', ')})`).run(row);
}

/** A peer, two grants, a credential, and a message that is open and one that is over in each direction. */
function written(): string {
  const folder = tempFolder();
  const keyFile = join(folder, 'key');
  const sealer = createSealer(loadKeyFile(keyFile, false), keyFile);
  const db = new DatabaseSync(join(folder, 'agent-peer.db'));
  db.exec(SCHEMA_2);
  for (const { name, nodeId, login, tokenDigest, state, expiresAt } of [bob, carol]) {
    const outbound = name === BOB ? sealer.seal(purposeOf.peerToken(name), TOKEN) : null;
    const peer = { name, node_id: nodeId, login, token_digest: tokenDigest, state, expires_at: expiresAt };
    insert(db, 'peers', { ...peer, outbound_token: outbound, created_at: 7 });
  }
  const { direction, peer, alias, sessionKey, operations, sendsPerMinute, hold, expiresAt } = handoff;
  const terms = {
    session_key: sessionKey,
    operations: operations.join(' '),
    sends_per_minute: sendsPerMinute,
  };
  insert(db, 'grants', { direction, peer, alias, ...terms, hold, expires_at: expiresAt, created_at: 7 });
  insert(db, 'grants', { direction: 'outbound', peer, alias: 'any', hold: 'none', created_at: 7 });
  insert(db, 'credentials', {
    name: 'device-token',
    sealed: sealer.seal('credential device-token', 'device'),
  });
  for (const [id, state] of [
    ['queued', 'queued'],
    ['over', 'answered'],
  ] as const) {
    const { conversation, text, hop, createdAt, expiresAt: end } = sampleOutbound(id);
    const message = { id, peer, alias, conversation, text, hop, created_at: createdAt, expires_at: end };
    const tries = { attempts: 1, next_attempt_at: createdAt, reply: state === 'answered' ? 'yes' : null };
    insert(db, 'outbox', { ...message, ...tries, state, updated_at: createdAt });
  }
  for (const [id, state] of [
    ['open', 'accepted'],
    ['done', 'replied'],
  ] as const) {
    const {
      taskId,
      contentDigest,
      conversation,
      text,
      hop,
      createdAt,
      turnKey,
      expiresAt: end,
    } = sampleInbound(id);
    const message = {
      task_id: taskId,
      peer,
      message_id: id,
      content_digest: contentDigest,
      alias,
      conversation,
    };
    const times = { created_at: createdAt, updated_at: createdAt, expires_at: end };
    insert(db, 'inbox', {
      ...message,
      ...times,
      session_key: sessionKey,
      text,
      hop,
      state,
      turn_key: turnKey,
    });
  }
  db.prepare('UPDATE clock SET latest = :seen').run({ seen: SEEN });
  db.close();
  return folder;
}

function opened(folder = written()) {
  const clock = createFakeClock();
  clock.advance(SEEN - clock.now());
  return { clock, store: tempStore(clock, folder) };
}

describe('a file of schema 2', () => {
  it('keeps everything that is in it', () => {
    const { peers, outbox, inbox, credentials, pairings, restores } = opened().store;
    expect(peers.listPeers()).toEqual([bob, carol]);
    expect(peers.listGrants()).toEqual([handoff, any]);
    expect([peers.outboundToken(BOB), peers.untold(BOB), peers.outboundToken(CAROL)]).toEqual([
      TOKEN,
      null,
      null,
    ]);
    expect(credentials.read('device-token')).toBe('device');
    expect(outbox.find('queued')).toMatchObject({
      ...sampleOutbound('queued'),
      state: 'queued',
      attempts: 1,
    });
    expect(outbox.find('over')).toMatchObject({ ...sampleOutbound('over'), state: 'answered', reply: 'yes' });
    expect(inbox.find('task-open' as TaskId)).toMatchObject({ ...sampleInbound('open'), state: 'accepted' });
    expect(inbox.accept(sampleInbound('done')).kind).toBe('repeated');
    expect([pairings.list(), pairings.listInvites(), restores]).toEqual([[], [], []]);
  });

  it('allows what it allowed, and nothing more', () => {
    const { peers } = opened().store;
    const ask = (name: PeerName, now: number) => {
      const { tokenDigest: presented, nodeId } = samplePeer(name);
      const facts = {
        operation: 'message-send',
        presented,
        nodeId,
        alias: HANDOFF,
        agent: null,
        load: NO_LOAD,
        usage: null,
      } as const;
      const decision = decide(facts, peers.policy(), now);
      return decision.allow ? decision.grant : decision.reason;
    };
    expect([ask(BOB, SEEN), ask(BOB, SEEN + 1000), ask(CAROL, SEEN)]).toEqual([
      handoff,
      'grant-expired',
      'peer-revoked',
    ]);
    expect(peers.policy().asOf).toBe(SEEN);
    expect(ask(BOB, SEEN - 200_000)).toBe('clock-behind');
  });

  it('takes what this version adds, on what was there and beside it', () => {
    const { store, clock } = opened();
    const { peers, pairings, outbox, inbox } = store;
    const dave = 'dave' as PeerName;
    peers.rename(BOB, dave);
    expect(outbox.find('queued')?.peer).toBe(dave);
    expect(inbox.find('task-open' as TaskId)?.peer).toBe(dave);
    expect(peers.revoke(dave, clock.now())).toEqual({ outbox: ['queued'], inbox: ['task-open'] });
    pairings.addInvite(sampleInvite('i', { peer: CAROL }));
    pairings.begin(samplePairing('erin'));
    const later = store.reopen();
    expect(later.pairings.list()).toMatchObject([{ peer: 'erin', secret: 'secret-of-the-invite-erin' }]);
    expect(later.pairings.listInvites()).toHaveLength(1);
    expect(later.peers.listGrants(dave)).toEqual([]);
  });

  it('is left as it was by a step that fails', () => {
    const file = join(written(), 'agent-peer.db');
    const read = () => {
      const db = new DatabaseSync(file);
      const rows = ['peers', 'grants', 'credentials', 'outbox', 'inbox', 'clock'].map((table) =>
        db.prepare(`SELECT * FROM ${table}`).all(),
      );
      const schema = db.prepare('SELECT sql FROM sqlite_schema ORDER BY name').all();
      const version = db.prepare('PRAGMA user_version').get();
      db.close();
      return JSON.stringify([rows, schema, version]);
    };
    const before = read();
    const db = openDatabase(file);
    const broken = ['', '', `ALTER TABLE peers ADD COLUMN overlap_digest TEXT; DROP TABLE grants; nonsense`];
    expect(() => migrate(db, broken)).toThrow();
    db.close();
    expect(read()).toBe(before);
  });

  it('has the same tables afterwards as a new one', () => {
    const tablesOf = (folder: string) => {
      const db = new DatabaseSync(join(folder, 'agent-peer.db'));
      const columns = db
        .prepare(
          `SELECT t.name AS tab, c.name, c.type, c."notnull", c.dflt_value, c.pk
           FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.name`,
        )
        .all();
      const others = db
        .prepare(`SELECT name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') ORDER BY name`)
        .all();
      const version = db.prepare('PRAGMA user_version').get();
      db.close();
      return JSON.stringify({ columns, others, version }).replaceAll(/\\n\s*/g, ' ');
    };
    const [old, fresh] = [written(), tempFolder()];
    for (const folder of [old, fresh]) opened(folder).store.close();
    expect(tablesOf(old)).toBe(tablesOf(fresh));
    expect(tablesOf(fresh)).toContain(`"user_version":${SCHEMA}`);
    expect(readFileSync(join(old, 'agent-peer.db')).includes(TOKEN)).toBe(false);
  });
});
