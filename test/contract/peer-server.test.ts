/**
 * The peer listener takes a message of a paired node for an alias that it was granted, stores it before it answers,
 * and gives the reply to who asks with the same id. All others get a clear no, and no two of them can be told apart
 * by what was wrong with their credential.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { AgentPeerError } from '../../src/errors.ts';
import {
  ADDRESS,
  peerOf,
  rpc,
  send,
  sendMessageBody,
  startListener,
  toldReason,
  TOKEN,
  type Listener,
  type ListenerOptions,
} from '../harness/peer-listener.ts';

let running: Listener | null = null;
afterEach(async () => {
  await running?.server.close(0);
  running = null;
});

async function start(options: ListenerOptions = {}): Promise<Listener> {
  running = await startListener({ limits: { waitMs: 5000 }, ...options });
  return running;
}

const NOW = { returnImmediately: true };
const replying = (reply: string | null): ListenerOptions => ({
  onWake: (inbox) => setTimeout(() => inbox.finish({ state: 'replied', reply }), 20),
});
interface Answered {
  task: {
    id: string;
    contextId: string;
    status: { state: string; message?: { parts: object[]; metadata: object } };
    artifacts?: object[];
  };
}
const taskOf = (answer: Parameters<typeof rpc>[0]) => (rpc(answer).result as Answered).task;

describe('a message of a paired peer', () => {
  it('is stored for the granted session under our own ids before it is answered', async () => {
    const { port, inbox, audit } = await start();
    const answer = await send(port, {
      path: '/a2a/v1/handoff',
      body: sendMessageBody({ contextId: 'ctx-1' }, NOW),
    });
    expect(answer.status).toBe(200);
    expect(taskOf(answer)).toMatchObject({ contextId: 'ctx-1', status: { state: 'TASK_STATE_SUBMITTED' } });
    expect([...inbox.rows.values()]).toMatchObject([
      {
        taskId: taskOf(answer).id,
        peer: 'bob',
        alias: 'handoff',
        sessionKey: 'agent:main:secret-bob-handoff',
        text: 'hello',
        hop: 0,
        turnKey: 'key-bob-m-1',
        createdAt: 1_800_000_000_000,
        expiresAt: 1_800_000_000_000 + 72 * 3_600_000,
      },
    ]);
    expect(audit).toMatchObject([
      {
        operation: 'message-send',
        allowed: true,
        peer: 'bob',
        nodeId: 'nbob',
        alias: 'handoff',
        messageId: 'm-1',
      },
    ]);
    expect(JSON.stringify(audit)).not.toContain('hello');
  });

  it('waits for the reply unless told not to, and answers it as one artifact', async () => {
    const { port } = await start(replying('42, of course'));
    const task = taskOf(await send(port, { body: sendMessageBody() }));
    expect(task.status.state).toBe('TASK_STATE_COMPLETED');
    expect(task.artifacts).toEqual([{ artifactId: 'reply', parts: [{ text: '42, of course' }] }]);
    expect(task.contextId).not.toBe('');
  });

  it('answers a silent turn as completed, without any artifact', async () => {
    const { port } = await start(replying(null));
    const task = taskOf(await send(port, { body: sendMessageBody() }));
    expect(task.status.state).toBe('TASK_STATE_COMPLETED');
    expect(task.artifacts).toBeUndefined();
  });

  it('answers the task as it is when the reply takes too long', async () => {
    const { port, inbox } = await start({
      limits: { waitMs: 50 },
      onWake: (box) => box.finish({ state: 'running' }),
    });
    expect(taskOf(await send(port, { body: sendMessageBody() })).status.state).toBe('TASK_STATE_WORKING');
    expect(inbox.waiting.size).toBe(0);
  });

  it('tells failed, uncertain and expired apart, in our words and never the gateway’s', async () => {
    const detail = 'agent:main:secret-bob-inbox: /home/x model y';
    for (const [state, shown] of [
      ['failed', 'TASK_STATE_FAILED'],
      ['uncertain', 'TASK_STATE_FAILED'],
      ['expired', 'TASK_STATE_REJECTED'],
    ] as const) {
      const { port, server } = await start({ onWake: (inbox) => inbox.finish({ state, detail }) });
      const answer = await send(port, { body: sendMessageBody({}, NOW) });
      expect(taskOf(answer).status.state).toBe(shown);
      expect(taskOf(answer).status.message?.metadata).toEqual({
        'urn:agent-peer:message:1': { outcome: state },
      });
      expect(answer.body).not.toMatch(/secret|home|model/);
      await server.close(0);
    }
  });

  it.each([
    ['held', 'turns-per-day', 'TASK_STATE_SUBMITTED', 'turns-per-day', 'look at this message'],
    ['reply-held', 'grant', 'TASK_STATE_WORKING', 'reply', 'look at the reply to this message'],
  ] as const)('tells that it is %s for a person, why, and nothing of a reply', async (...row) => {
    const [state, hold, shown, held, words] = row;
    const { port } = await start({ onWake: (inbox) => inbox.finish({ state, hold, reply: 'secret words' }) });
    const answer = await send(port, { body: sendMessageBody({}, NOW) });
    const { status, artifacts } = taskOf(answer);
    expect([status.state, artifacts]).toEqual([shown, undefined]);
    expect(status.message?.metadata).toEqual({ 'urn:agent-peer:message:1': { held } });
    expect(JSON.stringify(status.message?.parts)).toContain(words);
    expect(answer.body).not.toContain('secret');
  });

  it('tells what the person says who refused it, on every surface', async () => {
    const { port } = await start({
      onWake: (inbox) => inbox.finish({ state: 'refused', note: 'ask me first', detail: 'a person here' }),
    });
    const answer = await send(port, { body: sendMessageBody() });
    expect(taskOf(answer).status).toMatchObject({
      state: 'TASK_STATE_REJECTED',
      message: {
        metadata: { 'urn:agent-peer:message:1': { outcome: 'refused', note: 'ask me first' } },
        parts: [
          {
            text: 'A person at the receiving stack refused this message, or its reply. They say: ask me first',
          },
        ],
      },
    });
    const tool = { tool: 'sessions_send', args: { sessionKey: 'inbox', message: 'hello' } };
    const told = await send(port, { path: '/tools/invoke', body: JSON.stringify(tool) });
    expect(JSON.parse(told.body)).toMatchObject({
      result: {
        details: { status: 'error', error: expect.stringContaining('They say: ask me first') as string },
      },
    });
  });

  it('tells a reply that no answer can carry as a failure, instead of as one to ask for again', async () => {
    const { port } = await start(replying('x'.repeat(1024 * 1024)));
    const answer = await send(port, { body: sendMessageBody() });
    expect(taskOf(answer).status.state).toBe('TASK_STATE_FAILED');
    expect(answer.body.length).toBeLessThan(2048);
  });

  it('tells a reply that was erased as a failure, and not as the silence of the agent', async () => {
    const erased = { state: 'replied', reply: '', erasedAt: 1 } as const;
    const { port } = await start({ onWake: (inbox) => setTimeout(() => inbox.finish(erased), 20) });
    const answer = await send(port, { body: sendMessageBody() });
    expect(taskOf(answer).status.state).toBe('TASK_STATE_FAILED');
    expect(answer.body).toContain('the reply has been erased since');
  });

  it('takes hop and time to live from our extension, and refuses what else is in it', async () => {
    const { port, inbox } = await start();
    const extension = (value: object) => ({
      metadata: { 'urn:agent-peer:message:1': value, other: { a: 1 } },
    });
    await send(port, { body: sendMessageBody(extension({ hop: 4, ttlSeconds: 60 }), NOW) });
    expect([...inbox.rows.values()]).toMatchObject([{ hop: 4, expiresAt: 1_800_000_060_000 }]);
    for (const [value, reason] of [
      [{ hop: -1 }, 'params-invalid'],
      [{ hop: 1.5 }, 'params-invalid'],
      [{ ttlSeconds: 0 }, 'params-invalid'],
      [{ ttl: 1 }, 'params-invalid'],
    ] as const) {
      const answer = await send(port, {
        body: sendMessageBody({ messageId: 'm-2', ...extension(value) }, NOW),
      });
      expect(toldReason(answer), JSON.stringify(value)).toBe(reason);
    }
    expect(inbox.rows.size).toBe(1);
  });
});

describe('the same message id', () => {
  it('with the same content is the same task, from two requests at once and from a later one', async () => {
    const { port, inbox } = await start(replying('once'));
    const both = await Promise.all([1, 2].map(() => send(port, { body: sendMessageBody() })));
    const later = await send(port, { body: sendMessageBody() });
    expect(new Set([...both, later].map((answer) => taskOf(answer).id)).size).toBe(1);
    expect([...both, later].map((answer) => taskOf(answer).status.state)).toEqual(
      Array(3).fill('TASK_STATE_COMPLETED'),
    );
    expect(inbox.rows.size).toBe(1);
  });

  it('with other text, conversation or alias is refused', async () => {
    const { port, inbox } = await start();
    await send(port, { body: sendMessageBody({}, NOW) });
    for (const [path, message] of [
      ['/a2a/v1', { parts: [{ text: 'other' }] }],
      ['/a2a/v1', { contextId: 'ctx-2' }],
      ['/a2a/v1/handoff', {}],
    ] as const) {
      expect(toldReason(await send(port, { path, body: sendMessageBody(message, NOW) }))).toBe(
        'message-id-reused',
      );
    }
    expect(inbox.rows.size).toBe(1);
  });

  it('of another peer is another message', async () => {
    const { port, inbox } = await start();
    await send(port, { body: sendMessageBody({}, NOW) });
    await send(port, { from: ADDRESS.carol, token: TOKEN.carol, body: sendMessageBody({}, NOW) });
    expect([...inbox.rows.values()].map(({ peer }) => peer)).toEqual(['bob', 'carol']);
  });
});

describe('a task', () => {
  const getTask = (id: string) =>
    JSON.stringify({ jsonrpc: '2.0', id: 'g', method: 'GetTask', params: { id } });

  it('is given to the peer that it belongs to and to no other, by GetTask or as a reference', async () => {
    const { port } = await start(replying('for bob'));
    const { id, contextId } = taskOf(await send(port, { body: sendMessageBody() }));
    const own = await send(port, { body: getTask(id) });
    expect(rpc(own).result).toMatchObject({ id, contextId, artifacts: [{ parts: [{ text: 'for bob' }] }] });
    const carol = { from: ADDRESS.carol, token: TOKEN.carol };
    const foreign = await send(port, { ...carol, body: getTask(id) });
    const unknown = await send(port, { ...carol, body: getTask('never-was') });
    expect([toldReason(foreign), foreign.body]).toEqual(['task-unknown', unknown.body]);
    for (const message of [{ taskId: id }, { referenceTaskIds: [id] }]) {
      const answer = await send(port, { ...carol, body: sendMessageBody({ messageId: 'c', ...message }) });
      expect(toldReason(answer)).toBe('task-unknown');
    }
  });

  it('counts as fetched when its sender is told how it ended, and not before', async () => {
    const { port, inbox, state } = await start();
    const { id } = taskOf(await send(port, { body: sendMessageBody({}, NOW) }));
    await send(port, { body: getTask(id) });
    expect(inbox.fetchedAt.size).toBe(0);
    inbox.finish({ state: 'replied', reply: 'for bob' });
    await send(port, { body: getTask(id) });
    expect([...inbox.fetchedAt]).toEqual([[id, state.now]]);
  });

  it('is given to its sender also while the disk takes nothing', async () => {
    const { port, inbox } = await start();
    const { id } = taskOf(await send(port, { body: sendMessageBody({}, NOW) }));
    inbox.finish({ state: 'replied', reply: 'for bob' });
    inbox.broken = new AgentPeerError('storage-unavailable', 'the disk is full', 'Free some space');
    const answer = await send(port, { body: getTask(id) });
    expect(rpc(answer).result).toMatchObject({ artifacts: [{ parts: [{ text: 'for bob' }] }] });
  });

  it('takes one message: another for the same task is refused, a reference to it is not', async () => {
    const { port } = await start(replying('ok'));
    const { id } = taskOf(await send(port, { body: sendMessageBody() }));
    const again = await send(port, { body: sendMessageBody({ messageId: 'm-2', taskId: id }) });
    expect(rpc(again).error?.code).toBe(-32004);
    const reference = await send(port, {
      body: sendMessageBody({ messageId: 'm-3', referenceTaskIds: [id] }),
    });
    expect(taskOf(reference).status.state).toBe('TASK_STATE_COMPLETED');
  });
});

describe('who is not let in', () => {
  it('gets one and the same answer whatever was wrong, while the audit log has the reason', async () => {
    const { port, audit, state, inbox } = await start();
    const body = sendMessageBody({}, NOW);
    const attempts = [
      ['token-missing', { token: null }],
      ['token-missing', { token: null, headers: { authorization: 'Basic Ym9iOng=' } }],
      ['token-unknown', { token: TOKEN.unknown }],
      ['node-unknown', { from: ADDRESS.stranger }],
      ['node-mismatch', { from: ADDRESS.carol }],
    ] as const;
    const answers = [];
    for (const [reason, how] of attempts) {
      answers.push(await send(port, { ...how, path: '/a2a/v1/handoff', body }));
      expect(audit.at(-1)).toMatchObject({ allowed: false, reason });
    }
    answers.push(await send(port, { path: '/a2a/v1/no-such-alias', token: TOKEN.unknown, body: 'not json' }));
    state.peers = [peerOf('bob', 'revoked'), peerOf('carol')];
    answers.push(await send(port, { from: ADDRESS.carol, path: '/a2a/v1/handoff', body }));
    const withoutDate = answers.map(({ head, body: bytes }) => `${head.replace(/Date: .*/, '')}\n${bytes}`);
    expect(new Set(withoutDate).size).toBe(1);
    expect(answers[0]?.status).toBe(401);
    expect(inbox.rows.size).toBe(0);
  });

  it('gets the same answer for an alias that is another’s, that is none, and that cannot be one', async () => {
    const { port, inbox } = await start();
    const carol = { from: ADDRESS.carol, token: TOKEN.carol, body: sendMessageBody({}, NOW) };
    const answers = [];
    for (const alias of ['handoff', 'no-such', 'HANDOFF', '_']) {
      answers.push(await send(port, { ...carol, path: `/a2a/v1/${alias}` }));
    }
    expect(answers[0]?.status).toBe(403);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(toldReason(answers[0] ?? { status: 0, head: '', body: '' })).toBe('alias-not-granted');
    expect(inbox.rows.size).toBe(0);
  });

  it('is revoked at once: also while it waits for a reply, and for the tasks it had', async () => {
    const { port, state, inbox } = await start();
    const waiting = send(port, { body: sendMessageBody() });
    await expect.poll(() => inbox.waiting.size).toBe(1);
    state.peers = [peerOf('bob', 'revoked'), peerOf('carol')];
    inbox.finish({ state: 'replied', reply: 'secret reply' });
    const answer = await waiting;
    expect([answer.status, toldReason(answer)]).toEqual([403, 'peer-revoked']);
    expect(answer.body).not.toContain('secret reply');
    const [task] = inbox.rows.keys();
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'GetTask', params: { id: task } });
    expect(toldReason(await send(port, { body }))).toBe('peer-revoked');
    // Only the paired node with its own token hears so: its token in other hands is any other token.
    expect(toldReason(await send(port, { body, from: ADDRESS.carol }))).toBe('unauthenticated');
  });
});

describe('a stack that cannot serve', () => {
  const full = new AgentPeerError('storage-unavailable', '/data is full', 'x');
  it.each<[string, (listener: Listener) => void, string]>([
    ['tailscaled cannot be asked', ({ tailnet }) => void (tailnet.down = true), 'stack-not-ready'],
    [
      'the gateway is not paired',
      ({ state }) => void (state.obstacle = 'stack-not-ready'),
      'stack-not-ready',
    ],
    ['the disk is full', ({ inbox }) => void (inbox.broken = full), 'storage-unavailable'],
  ])('says so when %s, and accepts nothing', async (_what, breakIt, reason) => {
    const listener = await start();
    breakIt(listener);
    const answer = await send(listener.port, { body: sendMessageBody({}, NOW) });
    expect([answer.status, toldReason(answer)]).toEqual([503, reason]);
    expect(answer.head).toMatch(/retry-after: \d+/);
    expect(answer.body).not.toContain('/data');
    expect(listener.inbox.rows.size).toBe(0);
  });

  it('does not turn a peer away for good while tailscaled is starting and knows nobody', async () => {
    const { port, tailnet } = await start();
    tailnet.peers = [];
    tailnet.backendState = 'Starting';
    expect(toldReason(await send(port, { body: sendMessageBody() }))).toBe('stack-not-ready');
  });

  it('denies, and tells the owner, when something breaks that nobody foresaw', async () => {
    const { port, inbox, logged } = await start();
    inbox.accept = () => {
      throw new TypeError('cannot read secrets of undefined');
    };
    const answer = await send(port, { body: sendMessageBody() });
    expect([answer.status, toldReason(answer)]).toEqual([500, 'internal-error']);
    expect(answer.body).not.toContain('secrets');
    expect(logged.join('')).toContain('cannot read secrets');
  });
});

describe('GET /health', () => {
  const health = (from: string, token: string | null = null) => ({
    method: 'GET',
    path: '/health',
    from,
    token,
  });

  it('says one word to any node of the tailnet, versions to a peer, and nothing to others', async () => {
    const { port, state } = await start();
    expect((await send(port, health(ADDRESS.carol))).body).toBe('{"status":"ok"}');
    expect((await send(port, health(ADDRESS.carol, TOKEN.bob))).body).toBe('{"status":"ok"}');
    expect(JSON.parse((await send(port, health(ADDRESS.bob, TOKEN.bob))).body)).toEqual({
      status: 'ok',
      version: '0.1.0',
      protocol: '1.0',
    });
    expect((await send(port, health(ADDRESS.stranger))).status).toBe(401);
    state.obstacle = 'stack-not-ready';
    const sick = await send(port, health(ADDRESS.carol));
    expect([sick.status, sick.body]).toEqual([503, '{"status":"stack-not-ready"}']);
  });

  it('is 503 when tailscaled cannot be asked', async () => {
    const { port, tailnet } = await start();
    tailnet.down = true;
    expect((await send(port, health(ADDRESS.bob))).status).toBe(503);
  });
});

describe('closing', () => {
  it('answers those that wait with the task as it is, and then takes no connection', async () => {
    const { port, server, inbox } = await start();
    const waiting = send(port, { body: sendMessageBody() });
    await expect.poll(() => inbox.waiting.size).toBe(1);
    await server.close(5000);
    expect(taskOf(await waiting).status.state).toBe('TASK_STATE_SUBMITTED');
    expect((await send(port, { body: sendMessageBody() })).status).toBe(0);
  });

  it('is over after its grace whatever a client does', async () => {
    const { port, server } = await start();
    const stuck = send(port, { headers: { 'content-length': '100' }, body: '{' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const began = performance.now();
    await server.close(100);
    expect(performance.now() - began).toBeLessThan(3000);
    await stuck;
  });
});

describe('listening', () => {
  it('says that the port is taken, and that the address is on no interface', async () => {
    const { port } = await start();
    const { server } = await startListener();
    await server.close(0);
    await expect(server.listen(ADDRESS.self, port)).rejects.toMatchObject({ code: 'port-taken' });
    await expect(server.listen('192.0.2.1', 0)).rejects.toMatchObject({ code: 'tailnet-unavailable' });
  });

  it.each(['0.0.0.0', '::', 'localhost', ''])('never on %j', async (host) => {
    const { server } = await start();
    await server.close(0);
    await expect(server.listen(host, 0)).rejects.toMatchObject({ code: 'internal-error' });
  });
});
