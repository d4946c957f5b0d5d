/**
 * A database of the version before messages could be held, with messages of every state in both directions.
 *
 * - A copy of it is kept before anything is changed, and is what it was; without room for it nothing is changed.
 * - Everything in it is there afterwards, and what was under way goes on: a repeated message finds its task.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../src/core/content.ts';
import type { MessageId, TaskId } from '../../src/core/message.ts';
import { BOB, HANDOFF, sampleInbound, samplePeer, SESSION } from '../harness/samples.ts';
import { SCHEMA_4 } from '../harness/schema-4.ts';
import { tempFolder } from '../harness/temp-folder.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import { tempStore } from '../harness/temp-store.ts';

const INBOX = ['accepted', 'running', 'replied', 'failed', 'expired', 'uncertain', 'cancelled'] as const;
const OUTBOX = ['queued', 'accepted', 'answered', 'refused', 'failed', 'expired', 'uncertain'] as const;
const AT = Date.UTC(2026, 0, 1);
const KEPT = 'agent-peer.db.schema-4';

function written(): string {
  const folder = tempFolder();
  const db = new DatabaseSync(join(folder, 'agent-peer.db'));
  db.exec(SCHEMA_4);
  const { name, nodeId, login, tokenDigest } = samplePeer();
  db.prepare(
    `INSERT INTO peers (name, node_id, login, token_digest, state, created_at) VALUES (?, ?, ?, ?, 'active', 0)`,
  ).run(name, nodeId, login, tokenDigest);
  const inbox = db.prepare(
    `INSERT INTO inbox (task_id, peer, message_id, content_digest, alias, session_key, conversation, text, hop, created_at,
       updated_at, expires_at, state, turn_key, reply) VALUES (?, ?, ?, ?, ?, ?, 'talk', ?, 1, ?, ?, ?, ?, ?, ?)`,
  );
  for (const state of INBOX) {
    const { taskId, messageId, contentDigest, text, turnKey } = sampleInbound(state);
    const reply = state === 'replied' ? 'yes' : null;
    inbox.run(
      ...[
        taskId,
        BOB,
        messageId,
        contentDigest,
        HANDOFF,
        SESSION,
        text,
        AT,
        AT,
        AT + 1000,
        state,
        turnKey,
        reply,
      ],
    );
  }
  const outbox = db.prepare(
    `INSERT INTO outbox (id, peer, alias, conversation, text, hop, created_at, updated_at, expires_at, state, attempts,
       next_attempt_at) VALUES (?, ?, ?, 'talk', ?, 0, ?, ?, ?, ?, 1, ?)`,
  );
  for (const state of OUTBOX)
    outbox.run(...[state, BOB, HANDOFF, `text of ${state}`, AT, AT, AT + 1000, state, AT]);
  db.close();
  return folder;
}

describe('a file of schema 4', () => {
  it('is copied before it is changed, for its own user alone, and the copy is what it was', () => {
    const folder = written();
    tempStore(createFakeClock(), folder).close();
    expect(statSync(join(folder, KEPT)).mode & 0o777).toBe(0o600);
    const kept = new DatabaseSync(join(folder, KEPT), { readOnly: true });
    expect(kept.prepare('PRAGMA user_version').get()).toEqual({ user_version: 4 });
    expect(kept.prepare('SELECT count(*) AS n FROM inbox').get()).toEqual({ n: INBOX.length });
    expect(kept.prepare('PRAGMA quick_check').get()).toEqual({ quick_check: 'ok' });
    kept.close();
    // Once: what is of this schema already has nothing to be kept.
    const before = statSync(join(folder, KEPT)).mtimeMs;
    tempStore(createFakeClock(), folder).close();
    expect(statSync(join(folder, KEPT)).mtimeMs).toBe(before);
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('has all its messages afterwards, in the states that they had', () => {
    const store = tempStore(createFakeClock(), written());
    const inbox = store.inbox.list(20).map(({ messageId, state, text }) => [messageId, state, text]);
    expect(inbox.sort()).toEqual(INBOX.map((state) => [state, state, `text of ${state}`]).sort());
    const outbox = store.outbox.list(20).map(({ id, state, text }) => [id, state, text]);
    expect(outbox.sort()).toEqual(OUTBOX.map((state) => [state, state, `text of ${state}`]).sort());
    const plain = { content: PLAIN, hold: null, holdUntil: null, isReleased: false };
    expect(store.inbox.find('task-replied' as TaskId)).toMatchObject({
      ...plain,
      origin: 'peer',
      reply: 'yes',
      note: null,
    });
    expect(store.outbox.find('queued')).toMatchObject({ ...plain, replySession: null, peerHold: null });
  });

  it('goes on with what was under way, and knows what comes again', () => {
    const { inbox, outbox } = tempStore(createFakeClock(), written());
    for (const state of INBOX)
      expect(inbox.accept(sampleInbound(state)), state).toMatchObject({
        kind: 'repeated',
        message: { state },
      });
    expect(inbox.findMessage(BOB, 'running' as MessageId)?.state).toBe('running');
    expect(inbox.open().map(({ messageId }) => messageId)).toEqual(['accepted', 'running']);
    expect(outbox.toHandOver(BOB, AT, 5).map(({ id }) => id)).toEqual(['queued']);
    expect(outbox.toAskFor(BOB, AT, 5).map(({ id }) => id)).toEqual(['accepted']);
  });
});
