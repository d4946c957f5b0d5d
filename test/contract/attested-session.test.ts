/**
 * The session that a call to the loopback API comes from.
 *
 * Whoever has the agent's token, or a shell beside the gateway, can name any session. So a name counts only while the gateway
 * itself says that a turn runs there; without that nothing is accepted. With it, a reply may come into that session, the hop
 * follows what that session read, and its conversations can be read: no other session's, and nothing that a person has not
 * let through.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { HoldReason } from '../../src/core/hold.ts';
import type { InboxState } from '../../src/core/inbox.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import { AgentPeerError } from '../../src/errors.ts';
import { bringTo } from '../harness/inbox-moves.ts';
import { AGENT, ask, OWNER, startLocalStack, type LocalStack } from '../harness/local-stack.ts';
import { BOB, sampleInbound, sampleOutboundGrant } from '../harness/samples.ts';

const WORK = 'agent:main:work';
const OTHER = 'agent:main:other';
const CRON = 'agent:main:cron:daily';
const SUBAGENT = 'agent:main:subagent:0b9f2c4e-1c2d-4e5f-8a9b-0c1d2e3f4a5b';
const HELLO = { peer: 'bob', alias: 'handoff', text: 'hello bob' };

let stack: LocalStack;
beforeEach(async () => {
  stack = await startLocalStack();
  stack.addPeer('bob');
  stack.gateway.running = new Set([WORK, CRON, SUBAGENT]);
});

const send = (body: object, token = AGENT) =>
  ask(stack.port, '/api/v1/messages', { method: 'POST', token, body: { ...HELLO, ...body } });
const inbox = (session: string, query = '', token = AGENT) =>
  ask(stack.port, `/api/v1/inbox?session=${encodeURIComponent(session)}${query}`, { token });
const stored = () => stack.store.outbox.list(10);

let made = 0;
function receive(state: InboxState, over: { sessionKey?: string; hop?: number; hold?: HoldReason } = {}) {
  const id = `in-${(made += 1)}`;
  const { sessionKey = WORK, hop = 0, hold = null } = over;
  const createdAt = Date.now() + made;
  stack.store.inbox.accept(
    sampleInbound(id, { sessionKey: sessionKey as SessionKey, hop, hold, createdAt, text: `words ${id}` }),
  );
  bringTo(stack.store.inbox, `task-${id}`, state, { now: Date.now(), reply: `answer to ${id}` });
  return id;
}

describe('a message from a session', () => {
  it('is taken while a turn runs there, and its reply goes there when that was asked for', async () => {
    expect((await send({ session: WORK })).status).toBe(202);
    expect((await send({ session: ` ${WORK.toUpperCase()} `, replyToSession: true })).status).toBe(202);
    expect(stored().map(({ replySession }) => replySession)).toEqual([WORK, null]);
  });

  it.each([
    ['in which no turn runs', OTHER, 403, 'session-not-running'],
    ['the main one, which an agent with a shell would name', 'agent:main:main', 403, 'session-not-running'],
    ['that stands for whichever is current', 'current', 400, 'session-key-invalid'],
    ['that is no whole key', 'main', 400, 'session-key-invalid'],
    ['that is empty', '', 400, 'session-key-invalid'],
  ])('%s is refused', async (_what, session, status, code) => {
    const answer = await send({ session });
    expect([answer.status, answer.json['code']]).toEqual([status, code]);
    expect(answer.json['fix']).toMatch(/\w{3}/);
    expect(stored()).toEqual([]);
  });

  it('is refused while the gateway cannot be asked, and says so', async () => {
    stack.gateway.running = new AgentPeerError(
      'gateway-unreachable',
      'the gateway cannot be asked',
      'Start it',
    );
    const answer = await send({ session: WORK });
    expect([answer.status, answer.json['code']]).toEqual([502, 'gateway-unreachable']);
    expect(stored()).toEqual([]);
  });

  it('leaves a line in the log when the session is not its own, without naming it', async () => {
    await send({ session: OTHER });
    expect(stack.log.text()).toContain('session-not-running');
    expect(stack.log.text()).not.toContain(OTHER);
  });

  it('without a session goes on as before: a reply comes only into the one that the owner listed', async () => {
    expect((await send({ replyToSession: true })).json['code']).toBe('reply-session-missing');
    stack.store.peers.putGrant(sampleOutboundGrant({ peer: BOB, replySession: OTHER as SessionKey }));
    expect((await send({ replyToSession: true })).status).toBe(202);
    expect((await send({ replyToSession: true, session: WORK })).status).toBe(202);
    expect(stored().map(({ replySession }) => replySession)).toEqual([WORK, OTHER]);
  });

  it.each([
    ['a scheduled job', CRON],
    ['a sub-agent', SUBAGENT],
  ])('of %s is taken, and its reply may not come there unless the owner listed it', async (what, session) => {
    expect((await send({ session })).status).toBe(202);
    const refused = await send({ session, replyToSession: true });
    expect([refused.status, refused.json['code']]).toEqual([409, 'reply-session-missing']);
    expect(refused.json['detail']).toContain(what);
    stack.store.peers.putGrant(sampleOutboundGrant({ peer: BOB, replySession: session as SessionKey }));
    expect((await send({ session, replyToSession: true })).status).toBe(202);
  });

  it('follows what that session reads, and not what another does; one of a sub-agent may follow any', async () => {
    receive('running', { hop: 3, sessionKey: OTHER });
    receive('running', { hop: 1 });
    for (const session of [WORK, CRON, SUBAGENT]) await send({ session });
    await send({});
    await send({ session: WORK }, OWNER);
    expect(stored().map(({ hop }) => hop)).toEqual([0, 4, 4, 0, 2]);
  });
});

describe('what a session reads of its own', () => {
  const texts = (json: Readonly<Record<string, unknown>>) =>
    (json['messages'] as readonly { text: string }[]).map(({ text }) => text);

  it('is what peers wrote into it, and what it sent with the reply to come there, newest first', async () => {
    const first = receive('replied');
    receive('replied', { sessionKey: OTHER });
    const last = receive('running');
    const sent = await send({ session: WORK, replyToSession: true });
    await send({ session: WORK });
    stack.happen(String(sent.json['id']), { kind: 'replied', taskId: 't', reply: 'hello alice' });
    const { status, json } = await inbox(WORK);
    expect(status).toBe(200);
    const messages = json['messages'] as readonly Record<string, unknown>[];
    expect(messages.toSorted((a, b) => String(a['text']).localeCompare(String(b['text'])))).toMatchObject([
      { direction: 'sent', id: sent.json['id'], state: 'answered', reply: 'hello alice', text: 'hello bob' },
      { direction: 'received', peer: 'bob', text: `words ${first}`, reply: `answer to ${first}` },
      { direction: 'received', peer: 'bob', text: `words ${last}`, reply: null },
    ]);
    const times = messages.map(({ createdAt }) => String(createdAt));
    expect(times).toEqual(times.toSorted().toReversed());
    expect(JSON.stringify(json)).not.toContain('agent:main');
  });

  it('is nothing that a person has not let through, or that never reached it', async () => {
    for (const state of ['cancelled', 'expired', 'accepted'] as const) receive(state);
    receive('held', { hold: 'grant' });
    receive('refused', { hold: 'grant' });
    const read = receive('reply-held');
    const { json } = await inbox(WORK);
    expect(texts(json)).toEqual([`words ${read}`]);
    expect(JSON.stringify(json)).not.toContain(`answer to ${read}`);
  });

  it('is cut at the limit that was asked for', async () => {
    const ids = [receive('replied'), receive('replied'), receive('replied')];
    expect(texts((await inbox(WORK, '&limit=2')).json)).toEqual([`words ${ids[2]}`, `words ${ids[1]}`]);
    expect((await inbox(WORK, '&limit=51')).json['code']).toBe('input-invalid');
  });

  it.each([
    ['of another session', OTHER, 403, 'session-not-running'],
    ['of no session', '', 400, 'session-key-invalid'],
  ])('is refused to an agent: %s', async (_what, session, status, code) => {
    receive('replied', { sessionKey: OTHER });
    const answer = await inbox(session);
    expect([answer.status, answer.json['code']]).toEqual([status, code]);
    expect(answer.text).not.toContain('words');
  });

  it('has to be named, and is the owner’s to read at any time', async () => {
    const id = receive('replied', { sessionKey: OTHER });
    expect((await ask(stack.port, '/api/v1/inbox', { token: AGENT })).json['code']).toBe('input-invalid');
    expect(texts((await inbox(OTHER, '', OWNER)).json)).toEqual([`words ${id}`]);
    expect((await inbox(OTHER, '', 'nobody')).status).toBe(401);
  });
});
