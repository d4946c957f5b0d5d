/**
 * What waits for a person, on the loopback API. The owner sees it with its texts and decides; an agent sees that its
 * message waits, for whom and why, and never a word that the person has not let through.
 */
import { describe, expect, it } from 'vitest';
import type { ConversationId } from '../../src/core/message.ts';
import { AGENT, ask, startLocalStack, type LocalStack } from '../harness/local-stack.ts';
import { bringTo } from '../harness/inbox-moves.ts';
import { sampleInbound, sampleOutbound } from '../harness/samples.ts';

async function withBob() {
  const stack = await startLocalStack();
  stack.addPeer('bob');
  return stack;
}

const UNTIL = Date.UTC(2100, 0, 1);
const lasting = { createdAt: Date.UTC(2026, 0, 1), expiresAt: UNTIL };

/** A message of ours whose reply waits. */
function replyHeld(stack: LocalStack, reply: string): string {
  const { id } = stack.store.outbox.add(sampleOutbound('out-1', lasting));
  stack.happen(id, { kind: 'replied', taskId: 't', reply, holdUntil: UNTIL });
  return id;
}

const post = (stack: LocalStack, path: string, body: object = {}) =>
  ask(stack.port, `/api/v1${path}`, { method: 'POST', body });

describe('the owner', () => {
  it('lists what waits with its beginnings, and sees one with all its words', async () => {
    const stack = await withBob();
    const content = {
      kind: 'handoff',
      fields: { status: 'the build' },
      context: [{ type: 'text', text: 'log' }],
    };
    const text = `hello ${'x'.repeat(1000)}`;
    stack.store.inbox.accept(
      sampleInbound('in-1', { ...lasting, hold: 'grant', text, content: content as never }),
    );
    const listed = (await ask(stack.port, '/api/v1/held')).json as { held: Record<string, unknown>[] };
    const line = {
      id: 'task-in-1',
      direction: 'inbound',
      what: 'message',
      place: 'here',
      reason: 'grant',
      peer: 'bob',
      alias: 'handoff',
      conversation: 'conversation-in-1',
      kind: 'handoff',
      since: '2026-01-01T00:00:00.000Z',
      until: '2100-01-01T00:00:00.000Z',
    };
    expect(listed).toEqual({
      held: [{ ...line, excerpt: text.slice(0, 200) }],
      counts: { here: 1, there: 0 },
    });
    expect((await ask(stack.port, '/api/v1/held/task-in-1')).json).toEqual({
      held: { ...line, text, reply: null, fields: content.fields, context: content.context, secrets: [] },
    });
    expect((await ask(stack.port, '/api/v1/status')).json['held']).toEqual({ here: 1, there: 0 });
  });

  it('lets it go on', async () => {
    const stack = await withBob();
    stack.store.outbox.add(sampleOutbound('out-1', { ...lasting, hold: 'grant' }));
    const answer = await post(stack, '/held/out-1/approve');
    expect([answer.status, (answer.json['approved'] as { id: string }).id]).toEqual([200, 'out-1']);
    expect(stack.store.outbox.find('out-1')?.state).toBe('queued');
    expect((await post(stack, '/held/out-1/approve')).json).toMatchObject({
      status: 404,
      code: 'hold-not-found',
      detail: 'out-1 is not held, it is queued',
    });
  });

  it('ends it, and says why', async () => {
    const stack = await withBob();
    stack.store.inbox.accept(sampleInbound('in-1', { ...lasting, hold: 'grant' }));
    const long = await post(stack, '/held/task-in-1/refuse', { note: 'x'.repeat(501) });
    expect([long.status, long.json['code']]).toEqual([400, 'input-invalid']);
    expect((await post(stack, '/held/task-in-1/refuse', { note: 'not now' })).status).toBe(200);
    expect(stack.store.inbox.list(1)).toMatchObject([{ state: 'refused', note: 'not now' }]);
  });

  it('is told that another owner decides', async () => {
    const stack = await withBob();
    const { id } = stack.store.outbox.add(sampleOutbound('out-1', lasting));
    stack.happen(id, { kind: 'receipt', taskId: 't', held: 'bytes-per-day' });
    const answer = await post(stack, `/held/${id}/approve`);
    expect([answer.status, answer.json['code']]).toEqual([409, 'hold-elsewhere']);
  });

  it('has each decision in the audit log, with no word of it', async () => {
    const stack = await withBob();
    const id = replyHeld(stack, 'their words');
    await post(stack, `/held/${id}/refuse`, { note: 'my words' });
    const { json, text } = await ask(stack.port, `/api/v1/audit?message=${id}`);
    expect(json['lines']).toMatchObject([
      { operation: 'task-read', reason: 'hold-refused', allowed: false, peer: 'bob', messageId: id },
    ]);
    expect(text + stack.log.text()).not.toMatch(/their words|my words/);
  });
});

describe('an agent', () => {
  const read = async (stack: LocalStack, id: string) =>
    (await ask(stack.port, `/api/v1/messages/${id}`, { token: AGENT })).json;

  it('sees that its message waits, for whom and why', async () => {
    const stack = await withBob();
    stack.store.outbox.add(sampleOutbound('out-1', { ...lasting, hold: 'turns-per-day' }));
    const here = { place: 'here', what: 'message', reason: 'turns-per-day' };
    expect(await read(stack, 'out-1')).toMatchObject({ state: 'held', hold: here });
    const { id } = stack.store.outbox.add(sampleOutbound('out-2', lasting));
    stack.happen(id, { kind: 'receipt', taskId: 't', held: 'hop-limit' });
    const there = { place: 'peer', what: 'message', reason: 'hop-limit' };
    expect(await read(stack, 'out-2')).toMatchObject({ state: 'accepted', hold: there });
  });

  it('waits for the yes, and has the reply the moment that it is said', async () => {
    const stack = await withBob();
    const id = replyHeld(stack, 'their words');
    const before = await ask(stack.port, `/api/v1/messages/${id}`, { token: AGENT });
    expect(before.json).toMatchObject({ state: 'reply-held', reply: null, hold: { what: 'reply' } });
    expect(before.text).not.toContain('their words');
    const waits = ask(stack.port, `/api/v1/messages/${id}?waitSeconds=60`, { token: AGENT });
    await post(stack, `/held/${id}/approve`);
    expect((await waits).json).toMatchObject({ state: 'answered', reply: 'their words', hold: null });
  });

  it('never has a reply that the person refused', async () => {
    const stack = await withBob();
    const id = replyHeld(stack, 'their words');
    await post(stack, `/held/${id}/refuse`, { note: 'ask me' });
    expect(await read(stack, id)).toMatchObject({
      state: 'refused',
      reason: 'hold-refused',
      reply: null,
      detail: 'ask me',
    });
  });

  it('never has a reply that nobody approved, when its peer is revoked', async () => {
    const stack = await withBob();
    const id = replyHeld(stack, 'their words');
    await post(stack, '/peers/bob/revoke');
    const answer = await ask(stack.port, `/api/v1/messages/${id}`, { token: AGENT });
    expect(answer.json).toMatchObject({ state: 'uncertain', reply: null });
    expect(answer.text).not.toContain('their words');
  });
});

describe('a conversation', () => {
  const talk = { conversation: 'talk' as ConversationId };

  it('is told with both directions, oldest first, and what is held of it', async () => {
    const stack = await withBob();
    stack.store.inbox.accept(sampleInbound('in-1', { ...lasting, ...talk, createdAt: 2000 }));
    bringTo(stack.store.inbox, 'task-in-1', 'reply-held', { now: 3000, reply: 'our reply' });
    stack.store.outbox.add(sampleOutbound('out-2', { ...lasting, ...talk, createdAt: 1000 }));
    stack.store.outbox.add(sampleOutbound('other', lasting));
    const { json } = await ask(stack.port, '/api/v1/messages/export?conversation=talk');
    expect(json).toMatchObject({ conversation: 'talk', isWhole: true });
    expect(json['messages']).toMatchObject([
      { direction: 'outbound', id: 'out-2', text: 'text of out-2', reply: null },
      {
        direction: 'inbound',
        id: 'in-1',
        text: 'text of in-1',
        reply: 'our reply',
        hold: { place: 'here', what: 'reply' },
      },
    ]);
  });

  it.each([
    ['conversation=none', 404, 'message-not-found'],
    ['conversation=talk&peer=carol', 404, 'message-not-found'],
    ['conversation=a%20b', 400, 'input-invalid'],
    ['peer=bob', 400, 'input-invalid'],
  ])('?%s is none', async (query, status, code) => {
    const stack = await withBob();
    stack.store.outbox.add(sampleOutbound('out-1', talk));
    const answer = await ask(stack.port, `/api/v1/messages/export?${query}`);
    expect([answer.status, answer.json['code']]).toEqual([status, code]);
  });
});
