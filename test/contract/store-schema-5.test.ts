/**
 * A database of the version before peers had a reply mode. Everything in it is there afterwards: each peer asks for its
 * replies as it did, and no message is a reply to another.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../harness/fake-clock.ts';
import { BOB, HANDOFF, sampleOutbound, samplePeer } from '../harness/samples.ts';
import { SCHEMA_5 } from '../harness/schema-5.ts';
import { tempFolder } from '../harness/temp-folder.ts';
import { tempStore } from '../harness/temp-store.ts';

const OUTBOX = ['held', 'queued', 'accepted', 'answered', 'refused'] as const;
const AT = Date.UTC(2026, 0, 1);

function written(): string {
  const folder = tempFolder();
  const db = new DatabaseSync(join(folder, 'agent-peer.db'));
  db.exec(SCHEMA_5);
  const { name, nodeId, login, tokenDigest } = samplePeer();
  db.prepare(
    `INSERT INTO peers (name, node_id, login, token_digest, state, created_at) VALUES (?, ?, ?, ?, 'active', 0)`,
  ).run(name, nodeId, login, tokenDigest);
  const outbox = db.prepare(
    `INSERT INTO outbox (id, peer, alias, conversation, text, hop, created_at, updated_at, expires_at, state, attempts,
       next_attempt_at) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, 1, ?)`,
  );
  for (const state of OUTBOX)
    outbox.run(...[state, BOB, HANDOFF, `talk-${state}`, `text of ${state}`, AT, AT, AT + 1000, state, AT]);
  db.close();
  return folder;
}

describe('a file of schema 5', () => {
  it('has all its peers and messages afterwards, and goes on with what was under way', () => {
    const store = tempStore(createFakeClock(), written());
    expect(store.peers.listPeers()).toEqual([samplePeer()]);
    const outbox = store.outbox.list(20);
    expect(outbox.map(({ id, state, text }) => [id, state, text]).sort()).toEqual(
      OUTBOX.map((state) => [state, state, `text of ${state}`]).sort(),
    );
    for (const message of outbox) expect(message).toMatchObject({ inReplyTo: null, offeredAt: null });
    expect(store.outbox.toHandOver(BOB, AT, 5).map(({ id }) => id)).toEqual(['queued']);
  });

  it('takes a reply mode and a reply, each task’s once', () => {
    const store = tempStore(createFakeClock(), written());
    store.peers.setReplies(BOB, { mode: 'send-back', port: 18_789 });
    const again = store.reopen();
    expect(again.peers.findPeer(BOB)?.replies).toEqual({ mode: 'send-back', port: 18_789 });
    const inReplyTo = 'task-1' as never;
    again.outbox.add(sampleOutbound('one', { inReplyTo }));
    expect(() => again.outbox.add(sampleOutbound('two', { inReplyTo }))).toThrow(/UNIQUE/);
  });
});
