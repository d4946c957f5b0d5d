/**
 * What one peer, one node, or all of them together may take from the peer listener.
 *
 * - Beyond a limit a request gets a clear answer at once. Nothing hangs, and nobody else notices.
 * - Connections are counted by node, waits and polls by peer, refused attempts by address: an address that was refused
 *   too often learns nothing more, not even that a stolen token is good.
 * - What costs money is counted on disk: a restart gives no new allowance.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { InboxMessage } from '../../src/ports/messages.ts';
import { startDoor } from '../harness/door-ground.ts';
import { startFakeLocalApi, tailnetNode, tailnetState } from '../harness/fake-tailnet.ts';
import {
  ADDRESS,
  rawRequest,
  readToEnd,
  rpc,
  send,
  sendMessageBody,
  sendRaw,
  startListener,
  toldReason,
  TOKEN,
  type ListenerOptions,
  type RawAnswer,
  type Sent,
} from '../harness/peer-listener.ts';
import { freePort, startMain } from '../harness/run-main.ts';
import { tempFolder } from '../harness/temp-folder.ts';
import { ROOMY } from '../harness/budgets.ts';

async function listening(limits: ListenerOptions['limits'], onWake?: ListenerOptions['onWake']) {
  const listener = await startListener({ limits: { waitMs: 60_000, ...limits }, ...(onWake && { onWake }) });
  onTestFinished(() => listener.server.close(0));
  const { port } = listener;
  const ask = async (sent: Sent) => told(await send(port, sent));
  /** A connection that is accepted, and says nothing. */
  const open = async (from: string): Promise<Socket> => {
    const socket = connect({ host: ADDRESS.self, port, localAddress: from });
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  return { ...listener, ask, open };
}

const told = (answer: RawAnswer) => [answer.status, toldReason(answer) ?? 'served'];
const message = (messageId: string, returnImmediately = true) =>
  sendMessageBody({ messageId }, { returnImmediately });
const call = (method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
const health: Sent = { method: 'GET', path: '/health', token: null };
const CAROL: Sent = { from: ADDRESS.carol, token: TOKEN.carol };
const STRANGER: Sent = { from: ADDRESS.stranger, token: TOKEN.unknown };

describe('connections', () => {
  it('over the limit of a node are told so, and other nodes and the open ones are served', async () => {
    const { audit, inbox, port, ask, open } = await listening({ connections: 4, connectionsPerNode: 2 });
    const [first] = [await open(ADDRESS.bob), await open(ADDRESS.bob)];
    const answer = await send(port, { body: message('m-1') });
    expect([...told(answer), rpc(answer).id]).toEqual([503, 'connections-exceeded', null]);
    expect(answer.head).toMatch(/^retry-after: 5\r$/im);
    expect(inbox.rows.size).toBe(0);
    expect(audit).toMatchObject([
      {
        surface: 'socket',
        operation: 'unknown',
        allowed: false,
        reason: 'connections-exceeded',
        nodeId: null,
      },
    ]);
    expect(await ask({ ...CAROL, body: message('m-1') })).toEqual([200, 'served']);
    const served = readToEnd(first);
    first.write(rawRequest({ body: message('m-1') }));
    expect(await served).toMatch(/^HTTP\/1\.1 200 /);
    await vi.waitFor(async () => expect(await ask({ body: message('m-2') })).toEqual([200, 'served']));
  });

  it('over the limit of all nodes are told so, and there is room again when one closes', async () => {
    const { ask, open } = await listening({ connections: 2, connectionsPerNode: 2 });
    const [bob] = [await open(ADDRESS.bob), await open(ADDRESS.carol)];
    expect(await ask({ ...health, from: ADDRESS.self })).toEqual([503, 'connections-exceeded']);
    bob.destroy();
    await vi.waitFor(async () =>
      expect(await ask({ ...health, from: ADDRESS.self })).toEqual([200, 'served']),
    );
  });

  it('that are opened without end all come to an end, and take no place of another node', async () => {
    const { port, ask, open } = await listening({ connections: 4, connectionsPerNode: 2 });
    await open(ADDRESS.bob);
    await open(ADDRESS.bob);
    const flood = Array.from({ length: 200 }, () => sendRaw(port, rawRequest(health), ADDRESS.bob));
    expect(await ask({ ...CAROL, body: message('m-1') })).toEqual([200, 'served']);
    const answers = await Promise.all(flood);
    expect(answers.filter(({ status }) => status !== 503 && status !== 0)).toEqual([]);
    const spoken = answers.filter(({ status }) => status === 503);
    expect(new Set(spoken.map(toldReason))).toEqual(new Set(['connections-exceeded']));
    expect(await ask({ ...CAROL, body: message('m-2') })).toEqual([200, 'served']);
  });

  it('that are slow in every way hold up no other peer', async () => {
    const long = { headersMs: 60_000, requestMs: 60_000, idleMs: 60_000, answerMs: 60_000 };
    const { inbox, ask, open } = await listening({ ...long, connections: 20, connectionsPerNode: 16 });
    const sockets = await Promise.all(Array.from({ length: 16 }, () => open(ADDRESS.bob)));
    const slowest = rawRequest({ headers: { connection: 'keep-alive' }, body: message('slow', false) });
    const starts = [0, 10, 150, slowest.length - 1, slowest.length];
    sockets.forEach((socket, index) => socket.write(slowest.subarray(0, starts[index % starts.length])));
    // The last of them is a message that waits for its reply, and nobody reads.
    await vi.waitFor(() => expect(inbox.rows.size).toBe(1));
    expect(await ask({ body: message('one-more') })).toEqual([503, 'connections-exceeded']);
    for (const id of ['m-1', 'm-2', 'm-3']) {
      expect(await ask({ ...CAROL, body: message(id) })).toEqual([200, 'served']);
    }
    expect(sockets.filter((socket) => socket.readyState !== 'open' || socket.bytesRead > 0)).toEqual([]);
  });
});

describe('a client that does not take its answer', () => {
  it('is cut off, and its place is free again', async () => {
    const reply = 'x'.repeat(900_000);
    const limits = { connectionsPerNode: 1, answerMs: 100, idleMs: 60_000 };
    const { ask, open } = await listening(limits, (inbox) => inbox.finish({ state: 'replied', reply }));
    const stalled = await open(ADDRESS.bob);
    stalled.pause();
    expect(await ask(health)).toEqual([503, 'connections-exceeded']);
    // The answers are more than the buffers between the two can hold.
    const request = rawRequest({ headers: { connection: 'keep-alive' }, body: message('m-1') });
    stalled.write(Buffer.concat(Array.from({ length: 60 }, () => request)));
    await vi.waitFor(async () => expect(await ask(health)).toEqual([200, 'served']), { timeout: 4_000 });
    const received = readToEnd(stalled);
    stalled.resume();
    const bytes = await received;
    expect(bytes).toMatch(/^HTTP\/1\.1 200 /);
    expect(bytes.length).toBeLessThan(60 * reply.length);
  });
});

describe('refused attempts', () => {
  const refused: readonly (readonly [string, Sent, number])[] = [
    ['an unknown token', STRANGER, 401],
    ['no token', { ...STRANGER, token: null }, 401],
    ['another node’s token', { ...STRANGER, token: TOKEN.bob }, 401],
    ['the card of nobody', { ...STRANGER, method: 'GET', path: '/.well-known/agent-card.json' }, 401],
    ['a health that no node asks for', { ...health, from: ADDRESS.stranger }, 401],
    ['an unknown path', { ...STRANGER, path: '/admin' }, 404],
    ['an unknown method', { ...STRANGER, method: 'PUT' }, 405],
    ['a web page', { ...STRANGER, headers: { origin: 'http://evil.example' } }, 400],
    ['an upgrade', { ...STRANGER, headers: { connection: 'upgrade', upgrade: 'websocket' } }, 400],
    ['an expectation', { ...STRANGER, headers: { expect: '100-continue' } }, 400],
    ['another content type', { ...STRANGER, headers: { 'content-type': 'text/plain' } }, 415],
    ['no HTTP', { ...STRANGER, method: 'NO\0THING' }, 400],
    ['a large head', { ...STRANGER, headers: { x: 'x'.repeat(40_000) } }, 431],
  ];

  it.each(refused)('%s is one', async (_, sent, status) => {
    const { ask } = await listening({ attemptsPerMinute: 2 });
    const body = message('m-1');
    const attempt = sent.method === undefined ? { body, ...sent } : sent;
    expect((await ask(attempt))[0]).toBe(status);
    expect((await ask(attempt))[0]).toBe(status);
    expect(await ask({ body, ...STRANGER })).toEqual([429, 'attempts-exceeded']);
    expect(await ask({ body })).toEqual([200, 'served']);
  });

  it('beyond the limit are answered alike whatever token is shown, and tailscaled is not asked', async () => {
    const { port, ask, tailnet, inbox, audit } = await listening({ attemptsPerMinute: 2 });
    const body = message('m-1');
    for (const token of [TOKEN.unknown, TOKEN.carol]) expect((await ask({ body, token }))[0]).toBe(401);
    tailnet.down = true;
    const answers = await Promise.all(
      [TOKEN.bob, TOKEN.carol, TOKEN.unknown, null].map((token) => send(port, { body, token })),
    );
    expect(answers.map(told)).toEqual(answers.map(() => [429, 'attempts-exceeded']));
    const date = /^date: .*\r\n/im;
    expect(new Set(answers.map((answer) => answer.head.replace(date, '') + answer.body)).size).toBe(1);
    expect(answers[0]?.head).toMatch(/^retry-after: 60\r$/im);
    expect(inbox.rows.size).toBe(0);
    expect(audit.at(-1)).toMatchObject({ allowed: false, reason: 'attempts-exceeded', peer: null });
  });

  it('beyond the limit are refused in the shape of each surface', async () => {
    const { port, ask } = await listening({ attemptsPerMinute: 1 });
    await ask({ token: TOKEN.unknown, body: message('m-1') });
    const tool = await send(port, { path: '/tools/invoke', body: '{}' });
    expect([tool.status, JSON.parse(tool.body)]).toMatchObject([
      429,
      { ok: false, error: { type: 'attempts-exceeded' } },
    ]);
    expect(await ask(health)).toEqual([429, 'attempts-exceeded']);
    expect(await ask({ ...health, path: '/.well-known/agent-card.json' })).toEqual([
      429,
      'attempts-exceeded',
    ]);
    expect(await ask({ ...health, from: ADDRESS.carol, token: null })).toEqual([200, 'served']);
  });

  it('are not what a peer gets wrong, nor what this stack cannot do now', async () => {
    const { ask, tailnet, state } = await listening({ attemptsPerMinute: 1 });
    expect(await ask({ path: '/a2a/v1/secret', body: message('m-1') })).toEqual([403, 'alias-not-granted']);
    expect(await ask({ body: '{' })).toEqual([400, 'body-unparseable']);
    expect(await ask({ body: call('GetTask', { id: 'nothing' }) })).toEqual([200, 'task-unknown']);
    tailnet.down = true;
    expect(await ask({ body: message('m-1') })).toEqual([503, 'stack-not-ready']);
    tailnet.down = false;
    state.broken = new Error('no disk');
    expect(await ask({ body: message('m-1') })).toEqual([503, 'stack-not-ready']);
    state.broken = null;
    expect(await ask({ body: message('m-1') })).toEqual([200, 'served']);
  });
});

describe('polls', () => {
  it('beyond the limit of a peer are refused; its new messages and other peers are not', async () => {
    const { ask, port, audit } = await listening({ pollsPerMinute: 3 });
    const first = await send(port, { body: message('m-1') });
    const { task } = rpc(first).result as { task: { id: string } };
    const polls = [message('m-1'), call('GetTask', { id: task.id }), call('CancelTask', { id: task.id })];
    for (const body of polls) expect(await ask({ body })).toEqual([200, 'served']);
    for (const body of polls) expect(await ask({ body })).toEqual([429, 'polls-exceeded']);
    expect(audit.at(-1)).toMatchObject({ peer: 'bob', allowed: false, reason: 'polls-exceeded' });
    expect(await ask({ body: call('tasks/get', { id: task.id }) })).toEqual([429, 'polls-exceeded']);
    expect(await ask({ body: message('m-2') })).toEqual([200, 'served']);
    expect(await ask({ ...CAROL, body: message('m-1') })).toEqual([200, 'served']);
    expect(await ask({ ...CAROL, body: message('m-1') })).toEqual([200, 'served']);
  });

  it('of a task that is refused leave it as it was', async () => {
    const { ask, port, inbox } = await listening({ pollsPerMinute: 0 });
    const { task } = rpc(await send(port, { body: message('m-1') })).result as { task: { id: string } };
    expect(await ask({ body: call('CancelTask', { id: task.id }) })).toEqual([429, 'polls-exceeded']);
    expect([...inbox.rows.values()].map(({ state }) => state)).toEqual(['accepted']);
  });

  it('of what needs no token are counted by node', async () => {
    const { ask } = await listening({ pollsPerMinute: 2 });
    const card: Sent = { method: 'GET', path: '/.well-known/agent-card.json', token: null };
    expect((await ask(health))[0]).toBe(200);
    expect((await ask(card))[0]).toBe(200);
    expect(await ask(card)).toEqual([429, 'polls-exceeded']);
    expect(await ask({ ...health, token: TOKEN.bob })).toEqual([429, 'polls-exceeded']);
    expect((await ask({ ...health, from: ADDRESS.carol }))[0]).toBe(200);
    expect(await ask({ body: message('m-1') })).toEqual([200, 'served']);
  });

  it('at the place where stacks become peers are counted by peer, and by node without a token', async () => {
    const { ask } = await listening({ pollsPerMinute: 2 });
    const pair: Sent = { path: '/pair', body: '{}' };
    const nameless: Sent = { ...pair, token: null };
    for (const sent of [pair, nameless]) {
      for (let i = 0; i < 2; i += 1) expect(await ask(sent)).toEqual([200, 'params-invalid']);
      expect(await ask(sent)).toEqual([429, 'polls-exceeded']);
    }
    expect(await ask({ ...nameless, from: ADDRESS.carol })).toEqual([200, 'params-invalid']);
    expect(await ask({ ...CAROL, ...pair, token: TOKEN.carol })).toEqual([200, 'params-invalid']);
    expect(await ask({ body: message('m-1') })).toEqual([200, 'served']);
  });
});

describe('waits', () => {
  const stateOf = (answer: RawAnswer) =>
    (rpc(answer).result as { task: { status: { state: string } } }).task.status.state;

  it('beyond the limit of a peer are answered at once, and other peers go on waiting', async () => {
    const { port, inbox } = await listening({ waits: 3, waitsPerPeer: 1 });
    const held = [send(port, { body: message('m-1', false) })];
    await vi.waitFor(() => expect(inbox.waiting.size).toBe(1));
    expect(stateOf(await send(port, { body: message('m-2', false) }))).toBe('TASK_STATE_SUBMITTED');
    expect(stateOf(await send(port, { body: message('m-1', false) }))).toBe('TASK_STATE_SUBMITTED');
    held.push(send(port, { ...CAROL, body: message('m-1', false) }));
    await vi.waitFor(() => expect(inbox.waiting.size).toBe(2));
    inbox.finish({ state: 'replied', reply: 'yes' });
    expect((await Promise.all(held)).map(stateOf)).toEqual(['TASK_STATE_COMPLETED', 'TASK_STATE_COMPLETED']);
  });

  it('beyond the limit of all are answered at once, in each surface', async () => {
    const { port, inbox } = await listening({ waits: 1, waitsPerPeer: 1 });
    const held = send(port, { body: message('m-1', false) });
    await vi.waitFor(() => expect(inbox.waiting.size).toBe(1));
    expect(stateOf(await send(port, { ...CAROL, body: message('m-1', false) }))).toBe('TASK_STATE_SUBMITTED');
    const body = JSON.stringify({ tool: 'sessions_send', args: { sessionKey: 'inbox', message: 'hello' } });
    const tool = await send(port, { ...CAROL, path: '/tools/invoke', body });
    expect(JSON.parse(tool.body)).toMatchObject({ ok: true, result: { details: { status: 'accepted' } } });
    inbox.finish({ state: 'replied', reply: 'yes' });
    await held;
  });

  it('leave their place when the client goes away, and when they are over', async () => {
    const { port, inbox, open } = await listening({ waits: 1, waitsPerPeer: 1 });
    const client = await open(ADDRESS.bob);
    client.write(rawRequest({ body: message('m-1', false) }));
    await vi.waitFor(() => expect(inbox.waiting.size).toBe(1));
    client.destroy();
    await vi.waitFor(() => expect(inbox.waiting.size).toBe(0));
    for (const id of ['m-1', 'm-2']) {
      const held = send(port, { body: message(id, false) });
      await vi.waitFor(() => expect(inbox.waiting.size).toBe(1));
      inbox.finish({ state: 'replied', reply: 'yes' });
      expect(stateOf(await held)).toBe('TASK_STATE_COMPLETED');
    }
  });
});

describe('messages in a minute', () => {
  it('are counted over restarts, for one peer and for all', async () => {
    const door = await startDoor({
      policyLimits: { sendsPerMinute: 2, totalSendsPerMinute: 3, budgets: ROOMY },
    });
    onTestFinished(() => door.close());
    const callers = [door.addPeer('bob', ADDRESS.bob), door.addPeer('carol', ADDRESS.carol)] as const;
    for (const peer of ['bob', 'carol']) door.grant(peer, 'inbox');
    const [bob, carol] = callers;
    const ask = async (caller: Sent, id: string) =>
      told(await send(door.port(), { ...caller, body: message(id) }));
    expect(await ask(bob, 'm-1')).toEqual([200, 'served']);
    await door.restart();
    expect(await ask(bob, 'm-2')).toEqual([200, 'served']);
    await door.restart();
    expect(await ask(bob, 'm-3')).toEqual([429, 'sends-exceeded']);
    expect(await ask(bob, 'm-2')).toEqual([200, 'served']);
    expect(await ask(carol, 'm-1')).toEqual([200, 'served']);
    await door.restart();
    expect(await ask(carol, 'm-2')).toEqual([503, 'total-sends-exceeded']);
    door.clock.advance(60_000);
    expect(await ask(bob, 'm-3')).toEqual([200, 'served']);
    const texts = (rows: readonly InboxMessage[]) =>
      rows.map(({ peer, messageId }) => `${peer} ${messageId}`);
    expect(texts(door.store().inbox.list(10)).sort()).toEqual(['bob m-1', 'bob m-2', 'bob m-3', 'carol m-1']);
  });
});

describe('the limits of the environment', () => {
  it('are those of the running stack', async () => {
    const localApi = await startFakeLocalApi(
      tailnetState(tailnetNode('nself', ADDRESS.self), [tailnetNode('nbob', ADDRESS.bob)]),
    );
    onTestFinished(() => localApi.close());
    const [port, localPort, gatewayPort] = [await freePort(), await freePort(), await freePort()];
    const main = startMain({
      AGENT_PEER_DATA_DIR: tempFolder(),
      AGENT_PEER_PORT: String(port),
      AGENT_PEER_LOCAL_PORT: String(localPort),
      AGENT_PEER_GATEWAY_URL: `ws://127.0.0.1:${gatewayPort}`,
      AGENT_PEER_TAILSCALE_SOCKET: localApi.socketPath,
      AGENT_PEER_HEADER_KIB: '4',
      AGENT_PEER_CONNECTIONS_PER_NODE: '4',
      AGENT_PEER_ATTEMPTS_PER_MINUTE: '2',
      AGENT_PEER_POLLS_PER_MINUTE: '1',
    });
    await main.line(({ event }) => event === 'started');
    const ask = async (sent: Sent) => told(await send(port, sent));
    const held = Array.from({ length: 4 }, () =>
      connect({ host: ADDRESS.self, port, localAddress: ADDRESS.bob }),
    );
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    expect(await ask(health)).toEqual([503, 'connections-exceeded']);
    for (const socket of held) socket.destroy();
    await vi.waitFor(async () =>
      expect((await ask({ ...health, headers: { x: 'x'.repeat(5000) } }))[0]).toBe(431),
    );
    expect(await ask(health)).toEqual([503, 'served']);
    expect(await ask(health)).toEqual([429, 'polls-exceeded']);
    expect((await ask({ body: message('m-1') }))[0]).toBe(401);
    expect(await ask({ body: message('m-1') })).toEqual([429, 'attempts-exceeded']);
  });
});
