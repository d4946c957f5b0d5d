/**
 * The loopback API, as a program on this machine meets it.
 *
 * It serves 127.0.0.1 only, and only who presents one of its two tokens; where the stack says so, an agent needs none. The
 * owner may do everything; an agent may send, read what came of a message whose id it knows, and list peers. What a browser could send for a web page is
 * refused before any token is looked at. Every refusal is a problem document with a code of ours and what to do, and
 * no request is left without an answer. A message is on disk before its id is given away. What the judge would say is
 * told by the judge itself, and a clock that went back shuts everything until the owner says that it is right.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AgentPeerError } from '../../src/errors.ts';
import type { Alias } from '../../src/core/alias.ts';
import type { Content } from '../../src/core/content.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import { bringTo } from '../harness/inbox-moves.ts';
import { AGENT, ask, startLocalStack } from '../harness/local-stack.ts';
import { BOB, sampleInbound, sampleOutboundGrant, samplePeer } from '../harness/samples.ts';

/** What comes with a grant for which nothing else was said. */
const EVERYTHING = {
  operations: ['message-send', 'task-read', 'task-cancel'],
  sendsPerMinute: null,
  hold: 'none',
  expiresAt: null,
};
const BOBS_PEER = {
  name: 'bob',
  nodeId: 'nbob',
  login: 'nbob@example.com',
  state: 'active',
  replyMode: 'task',
  port: null,
  expiresAt: null,
};
const HELLO = { peer: 'bob', alias: 'handoff', text: 'hello bob' };

async function withBob() {
  const stack = await startLocalStack();
  stack.addPeer('bob');
  return stack;
}

describe('at the door', () => {
  it.each([
    ['no token', null],
    ['an unknown token', `apo_${'x'.repeat(43)}`],
    ['an empty token', ''],
  ])('refuses %s, whatever the route', async (_what, token) => {
    const { port } = await startLocalStack();
    for (const path of ['/api/v1/status', '/api/v1/nothing', '/']) {
      const answer = await ask(port, path, { token });
      expect([answer.status, answer.json['code']], path).toEqual([401, 'local-token-refused']);
    }
  });

  it.each([
    ['a rebound name', { host: 'evil.example:18790' }],
    ['a Host without the port', { host: '127.0.0.1' }],
    ['any Origin', { origin: 'http://127.0.0.1' }],
    ['the null Origin', { origin: 'null' }],
    ['a browser without Origin', { 'sec-fetch-site': 'cross-site' }],
  ])('refuses %s even with the right token', async (_what, headers) => {
    const stack = await withBob();
    const answer = await ask(stack.port, '/api/v1/messages', { method: 'POST', body: HELLO, headers });
    expect([answer.status, answer.json['code']]).toEqual([403, 'local-request-refused']);
    expect(stack.store.outbox.list(10)).toEqual([]);
  });

  it('answers to both of its own names', async () => {
    const { port } = await startLocalStack();
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`]) {
      expect((await ask(port, '/api/v1/status', { headers: { host } })).status, host).toBe(200);
    }
  });

  it('refuses an upgrade at once instead of leaving it open', async () => {
    const { port } = await startLocalStack();
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    await once(socket, 'close');
    expect(Buffer.concat(pieces).toString()).toMatch(/^HTTP\/1\.1 403 .*local-request-refused/s);
  });

  it('is told of a refused request in the log, without the token', async () => {
    const { port, log } = await startLocalStack();
    await ask(port, '/api/v1/status', { token: 'stolen-or-guessed' });
    expect(log.text()).toContain('local-token-refused');
    expect(log.text()).not.toContain('stolen-or-guessed');
  });
});

describe('a request that cannot be read', () => {
  it.each([
    ['PUT', '/api/v1/messages', 'POST, GET'],
    ['POST', '/api/v1/peers/bob/token', 'PUT'],
    ['OPTIONS', '/api/v1/messages', 'GET, POST, PUT'],
  ])('with a method that is not served is told which are: %s %s', async (method, path, allow) => {
    const stack = await startLocalStack();
    const { status, headers } = await ask(stack.port, path, { method });
    expect([status, headers['allow']]).toEqual([405, allow]);
  });

  it.each([
    ['an unknown route', 'GET', '/api/v1/secrets', undefined, 404, 'local-route-unknown'],
    ['another spelling of a route', 'GET', '/API/v1/status', undefined, 404, 'local-route-unknown'],
    ['an unknown method', 'PATCH', '/api/v1/peers', { a: 1 }, 405, 'local-method-unknown'],
    ['a method of another route', 'PUT', '/api/v1/messages', HELLO, 405, 'local-method-unknown'],
    ['OPTIONS', 'OPTIONS', '/api/v1/messages', undefined, 405, 'local-method-unknown'],
    [
      'an unknown field',
      'POST',
      '/api/v1/messages',
      { ...HELLO, sessionKey: 'agent:main:main' },
      400,
      'input-invalid',
    ],
    ['a missing field', 'POST', '/api/v1/messages', { peer: 'bob', alias: 'handoff' }, 400, 'input-invalid'],
    [
      'a field of another type',
      'POST',
      '/api/v1/messages',
      { ...HELLO, text: ['hello'] },
      400,
      'input-invalid',
    ],
    ['a wait without end', 'POST', '/api/v1/messages', { ...HELLO, waitSeconds: 1e9 }, 400, 'input-invalid'],
    ['an unknown query', 'GET', '/api/v1/messages?all=1', undefined, 400, 'input-invalid'],
    ['a query given twice', 'GET', '/api/v1/messages?limit=1&limit=2', undefined, 400, 'input-invalid'],
    ['a body where there is none', 'GET', '/api/v1/status', { a: 1 }, 400, 'input-invalid'],
    ['half a JSON', 'POST', '/api/v1/messages', '{"peer":', 400, 'input-invalid'],
    ['a JSON that is not an object', 'POST', '/api/v1/messages', '[]', 400, 'input-invalid'],
    [
      'bytes that are not UTF-8',
      'POST',
      '/api/v1/messages',
      Buffer.from([0x22, 0xff, 0x22]),
      400,
      'input-invalid',
    ],
    ['a malformed path', 'GET', '/api/v1/messages/%E0%A4%A', undefined, 400, 'input-invalid'],
    [
      'more than 256 KiB',
      'POST',
      '/api/v1/messages',
      { ...HELLO, text: 'x'.repeat(257 * 1024) },
      413,
      'local-body-too-large',
    ],
  ])('%s', async (_what, method, path, body, status, code) => {
    const stack = await withBob();
    const answer = await ask(stack.port, path, { method, ...(body === undefined ? {} : { body }) });
    expect([answer.status, answer.json['code']]).toEqual([status, code]);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json).toMatchObject({ type: `urn:agent-peer:error:${code}`, status });
    expect(answer.json['fix']).toMatch(/\w{3}/);
    expect(stack.store.outbox.list(10)).toEqual([]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx'])(
    'a body of type %s',
    async (type) => {
      const { port } = await withBob();
      const answer = await ask(port, '/api/v1/messages', {
        method: 'POST',
        body: HELLO,
        headers: { 'content-type': type },
      });
      expect([answer.status, answer.json['code']]).toEqual([415, 'local-type-unknown']);
    },
  );

  it('names every field that is wrong', async () => {
    const { port } = await withBob();
    const answer = await ask(port, '/api/v1/messages', { method: 'POST', body: { alias: 1, more: true } });
    expect(answer.json['detail']).toMatch(/peer.*alias.*text.*more/s);
  });
});

describe('messages', () => {
  it('gives an id only for a message that is on disk', async () => {
    const stack = await withBob();
    const answer = await ask(stack.port, '/api/v1/messages', { method: 'POST', body: HELLO });
    expect(answer.status).toBe(202);
    expect(answer.json).toMatchObject({ peer: 'bob', alias: 'handoff', state: 'queued', reply: null });
    expect(stack.store.outbox.find(String(answer.json['id']))).toMatchObject({ text: 'hello bob' });
  });

  it.each([
    ['an unknown peer', { ...HELLO, peer: 'nobody' }, 404, 'peer-not-found'],
    ['a malformed alias', { ...HELLO, alias: 'agent:main:main' }, 400, 'alias-invalid'],
    ['an empty text', { ...HELLO, text: ' \n' }, 400, 'message-invalid'],
    ['more than 64 KiB', { ...HELLO, text: 'ä'.repeat(33 * 1024) }, 400, 'message-invalid'],
    ['a lone surrogate', { ...HELLO, text: '\ud800' }, 400, 'input-invalid'],
  ])('refuses %s', async (_what, body, status, code) => {
    const { port } = await withBob();
    const answer = await ask(port, '/api/v1/messages', { method: 'POST', body });
    expect([answer.status, answer.json['code']]).toEqual([status, code]);
  });

  it('takes a kind, its fields and context, and shows all of it to the owner', async () => {
    const stack = await withBob();
    const said = {
      kind: 'delegation',
      fields: { doneWhen: 'the tests are green', deadlineSeconds: 7_200 },
      context: [
        { type: 'text', text: 'notes' },
        { type: 'json', value: { branch: 'main' } },
      ],
    };
    const sent = await ask(stack.port, '/api/v1/messages', {
      method: 'POST',
      body: { ...HELLO, ...said },
      token: AGENT,
    });
    expect(sent.json).toMatchObject({
      kind: 'delegation',
      fields: said.fields,
      contextParts: 2,
      answer: null,
    });
    const path = `/api/v1/messages/${String(sent.json['id'])}`;
    expect((await ask(stack.port, path)).json).toMatchObject({ text: 'hello bob', ...said });
    const { json } = await ask(stack.port, path, { token: AGENT });
    expect(json).not.toHaveProperty('context');
    expect(json).not.toHaveProperty('text');
  });

  it('shows whether a delegation was accepted, at either end', async () => {
    const stack = await withBob();
    const body = { ...HELLO, kind: 'delegation' };
    const sent = await ask(stack.port, '/api/v1/messages', { method: 'POST', body });
    const id = String(sent.json['id']);
    stack.happen(id, { kind: 'replied', taskId: 't1', reply: '**DECLINED:** no access' });
    const answer = { kind: 'declined', reason: 'no access' };
    expect((await ask(stack.port, `/api/v1/messages/${id}`)).json).toMatchObject({ answer });
    const content: Content = { kind: 'delegation', fields: {}, context: [] };
    stack.store.inbox.accept(sampleInbound('in-1', { content }));
    bringTo(stack.store.inbox, 'task-in-1', 'replied', { reply: 'ACCEPTED', now: 1 });
    const { messages } = (await ask(stack.port, '/api/v1/messages')).json as { messages: object[] };
    expect(messages).toMatchObject([{ answer }, { answer: { kind: 'accepted', reason: null } }]);
  });

  it.each([
    ['an unknown kind', { kind: 'order' }, /^kind: there is no such kind/, /^Use one of message, handoff/],
    [
      'a field of another kind',
      { kind: 'handoff', fields: { doneWhen: 'x' } },
      /^fields\.doneWhen: is no field of the kind handoff/,
      /^It goes with the kind delegation; that kind has status, next/,
    ],
    [
      'an instant as a deadline',
      { kind: 'review', fields: { deadlineSeconds: '2027-01-01T00:00Z' } },
      /^fields\.deadlineSeconds: is no number of seconds/,
      /^Use a whole number/,
    ],
    [
      'context that is a file',
      { context: [{ type: 'file', path: '/data/owner-token' }] },
      /^context\[0\]: has an unknown field/,
      /^Use \{"type": "text"/,
    ],
    [
      'more context than travels',
      {
        context: [
          { type: 'text', text: 'x'.repeat(40_000) },
          { type: 'json', value: 'x'.repeat(40_000) },
        ],
      },
      /^context: is 80002 bytes long/,
      /^Shorten it to 65536/,
    ],
  ])('refuses %s, and says where it is and what to do', async (_what, more, detail, fix) => {
    const stack = await withBob();
    const body = { ...HELLO, ...more };
    const { status, json } = await ask(stack.port, '/api/v1/messages', { method: 'POST', body });
    expect([status, json['code']]).toEqual([400, 'message-invalid']);
    expect(json['detail']).toMatch(detail);
    expect(json['fix']).toMatch(fix);
    expect(stack.store.outbox.list(1)).toEqual([]);
  });

  it('refuses JSON that has two readings', async () => {
    const { port } = await withBob();
    const body = JSON.stringify({ ...HELLO, context: [] }).replace(
      '[]',
      '[{"type":"json","value":{"a":1,"a":2}}]',
    );
    const { status, json } = await ask(port, '/api/v1/messages', { method: 'POST', body });
    expect([status, json['code'], json['detail']]).toEqual([
      400,
      'input-invalid',
      expect.stringContaining('duplicate key'),
    ]);
  });

  it('answers a waiting sender as soon as the reply is there', async () => {
    const stack = await withBob();
    const waiting = ask(stack.port, '/api/v1/messages', {
      method: 'POST',
      body: { ...HELLO, waitSeconds: 60 },
    });
    const id = await idOfFirst(stack);
    stack.happen(id, { kind: 'replied', taskId: 't1', reply: 'hello alice' });
    const answer = await waiting;
    expect([answer.status, answer.json['state'], answer.json['reply']]).toEqual([
      200,
      'answered',
      'hello alice',
    ]);
  });

  it('answers with how it stands when the wait is over', async () => {
    const stack = await withBob();
    const sent = await ask(stack.port, '/api/v1/messages', {
      method: 'POST',
      body: { ...HELLO, waitSeconds: 0.05 },
    });
    expect([sent.status, sent.json['state']]).toEqual([202, 'queued']);
    const shown = await ask(stack.port, `/api/v1/messages/${String(sent.json['id'])}?waitSeconds=0.05`);
    expect([shown.status, shown.json['state']]).toEqual([202, 'queued']);
  });

  it('keeps the message of a sender that hangs up while it waits', async () => {
    const stack = await withBob();
    const hangUp = new AbortController();
    const waiting = ask(stack.port, '/api/v1/messages', {
      method: 'POST',
      body: { ...HELLO, waitSeconds: 60 },
      signal: hangUp.signal,
    });
    const id = await idOfFirst(stack);
    hangUp.abort();
    await expect(waiting).rejects.toThrow(/aborted/);
    expect((await ask(stack.port, `/api/v1/messages/${id}`)).json['state']).toBe('queued');
  });

  it('says that there is no message with an unknown id', async () => {
    const { port } = await startLocalStack();
    const answer = await ask(port, '/api/v1/messages/0b2cf2fe-0000-4000-8000-000000000000');
    expect([answer.status, answer.json['code']]).toEqual([404, 'message-not-found']);
  });

  it('lists both directions for the owner, newest first, with texts', async () => {
    const stack = await withBob();
    stack.store.peers.addPeer(samplePeer('carol' as never));
    stack.store.inbox.accept(sampleInbound('in-1', { text: 'from bob', createdAt: Date.UTC(2026, 0, 1) }));
    await ask(stack.port, '/api/v1/messages', { method: 'POST', body: HELLO });
    const { messages } = (await ask(stack.port, '/api/v1/messages?limit=2')).json as {
      messages: { direction: string; text: string }[];
    };
    expect(messages.map(({ direction, text }) => [direction, text])).toEqual([
      ['outbound', 'hello bob'],
      ['inbound', 'from bob'],
    ]);
    expect(((await ask(stack.port, '/api/v1/messages?limit=1')).json['messages'] as unknown[]).length).toBe(
      1,
    );
  });

  it('lets those who wait go when it closes, and loses nothing', async () => {
    const stack = await withBob();
    const waiting = ask(stack.port, '/api/v1/messages', {
      method: 'POST',
      body: { ...HELLO, waitSeconds: 60 },
    });
    const id = await idOfFirst(stack);
    await stack.close(5000);
    expect((await waiting).json).toMatchObject({ id, state: 'queued' });
  });

  it('are answered with a warning of what looks like a secret, and are sent', async () => {
    const { port, log, store } = await withBob();
    const secret = `ghp_${'Ab1'.repeat(12)}`;
    for (const waitSeconds of [0, 0.01]) {
      const body = { ...HELLO, text: `use ${secret}`, waitSeconds };
      const sent = await ask(port, '/api/v1/messages', { method: 'POST', body });
      expect(sent.json['warnings']).toEqual([expect.stringContaining('looks like a token of GitHub')]);
    }
    expect(store.outbox.list(1)[0]?.text).toContain(secret);
    expect(log.text()).not.toContain(secret);
    const plain = await ask(port, '/api/v1/messages', { method: 'POST', body: HELLO });
    expect(plain.json['warnings']).toEqual([]);
  });
});

describe('an agent', () => {
  it.each([
    ['GET', '/api/v1/status'],
    ['GET', '/api/v1/messages'],
    ['GET', '/api/v1/aliases'],
    ['POST', '/api/v1/peers'],
    ['PUT', '/api/v1/peers/bob/token'],
    ['POST', '/api/v1/aliases'],
    ['POST', '/api/v1/gateway/pair'],
    ['POST', '/api/v1/gateway/unpair'],
    ['GET', '/api/v1/sessions'],
    ['GET', '/api/v1/explain?peer=bob&operation=message-send'],
    ['POST', '/api/v1/clock/accept'],
    ['GET', '/api/v1/notices'],
    ['POST', '/api/v1/pause'],
    ['POST', '/api/v1/resume'],
    ['POST', '/api/v1/messages/retry'],
    ['POST', '/api/v1/messages/some-id/cancel'],
    ['GET', '/api/v1/held'],
    ['GET', '/api/v1/held/x'],
    ['POST', '/api/v1/held/x/approve'],
    ['POST', '/api/v1/held/x/refuse'],
    ['GET', '/api/v1/messages/export?conversation=c'],
  ])('may not %s %s', async (method, path) => {
    const { port, gateway } = await withBob();
    const body =
      method === 'GET'
        ? {}
        : {
            body: {
              token: 'x',
              name: 'eve',
              node: 'ncarol',
              peer: 'bob',
              alias: 'a',
              sessionKey: 'agent:main:x',
            },
          };
    const answer = await ask(port, path, { method, token: AGENT, ...body });
    expect([answer.status, answer.json['code']]).toEqual([403, 'local-role-refused']);
    expect(gateway.presented).toEqual([]);
  });

  it('may send, and read what came of it', async () => {
    const { port } = await withBob();
    const sent = await ask(port, '/api/v1/messages', { method: 'POST', body: HELLO, token: AGENT });
    expect(sent.status).toBe(202);
    expect((await ask(port, `/api/v1/messages/${String(sent.json['id'])}`, { token: AGENT })).status).toBe(
      200,
    );
  });

  it('is shown names of peers and what it may write to, and no more', async () => {
    const { port, store } = await withBob();
    store.peers.putGrant(sampleOutboundGrant({ alias: 'old' as Alias, expiresAt: Date.now() - 1 }));
    store.peers.putGrant(
      sampleOutboundGrant({ alias: 'work' as Alias, replySession: 'agent:main:work' as SessionKey }),
    );
    const { json } = await ask(port, '/api/v1/peers', { token: AGENT });
    const aliases = [
      { alias: 'any', repliesToSession: false },
      { alias: 'work', repliesToSession: true },
    ];
    const bob = { name: 'bob', state: 'active', hasOutboundToken: true, aliases, obstacle: null };
    expect(json).toEqual({ peers: [bob] });
  });

  it('that names no alias writes to the only one that there is, and is told of several', async () => {
    const { port, store } = await withBob();
    const toBob = { peer: 'bob', text: 'hello bob' };
    const send = () => ask(port, '/api/v1/messages', { method: 'POST', token: AGENT, body: toBob });
    expect((await send()).json['alias']).toBe('inbox');
    store.peers.removeGrant('outbound', BOB, 'any');
    store.peers.putGrant(sampleOutboundGrant({ alias: 'work' as Alias }));
    expect((await send()).json['alias']).toBe('work');
    store.peers.putGrant(sampleOutboundGrant({ alias: 'home' as Alias }));
    expect((await send()).json).toMatchObject({ code: 'input-invalid', fix: 'Name one of: home, work' });
  });

  it('needs no token where the stack asks for none, and then is no more than an agent', async () => {
    const stack = await startLocalStack({ agentNeedsToken: false });
    const { port } = stack;
    stack.addPeer('bob');
    const sent = await ask(port, '/api/v1/messages', { method: 'POST', body: HELLO, token: null });
    expect(sent.status).toBe(202);
    expect((await ask(port, '/api/v1/peers', { token: null })).json).toMatchObject({
      peers: [{ name: 'bob' }],
    });
    for (const path of ['/api/v1/status', '/api/v1/messages', '/api/v1/held', '/api/v1/sessions']) {
      const answer = await ask(port, path, { token: null });
      expect([answer.status, answer.json['code']], path).toEqual([403, 'local-role-refused']);
    }
    expect((await ask(port, '/api/v1/status')).status).toBe(200);
  });

  it.each([
    ['a wrong token', `Bearer apa_${'x'.repeat(43)}`],
    ['an empty token', 'Bearer '],
    ['another scheme', 'Basic YWxpY2U6YWxpY2U='],
    ['an empty header', ''],
  ])('is nobody with %s, though it would need none', async (_what, authorization) => {
    const { port } = await startLocalStack({ agentNeedsToken: false });
    const answer = await ask(port, '/api/v1/peers', { token: null, headers: { authorization } });
    expect([answer.status, answer.json['code']]).toEqual([401, 'local-token-refused']);
  });
});

describe('the owner', () => {
  it('adds a peer by its node and gets its token this once', async () => {
    const { port } = await startLocalStack();
    const added = await ask(port, '/api/v1/peers', { method: 'POST', body: { name: 'bob', node: 'nbob' } });
    expect(added.status).toBe(201);
    expect(added.json).toEqual({
      peer: BOBS_PEER,
      token: expect.stringMatching(/^apt_[\w-]{43}$/) as string,
    });
    const listed = await ask(port, '/api/v1/peers');
    expect(listed.json).toEqual({
      peers: [{ ...BOBS_PEER, hasOutboundToken: false, pairing: null }],
    });
    const again = await ask(port, '/api/v1/peers', { method: 'POST', body: { name: 'bob', node: 'nbob' } });
    expect([again.status, again.json['code']]).toEqual([409, 'peer-exists']);
  });

  it('says that a node is not on the tailnet', async () => {
    const { port } = await startLocalStack();
    const answer = await ask(port, '/api/v1/peers', { method: 'POST', body: { name: 'dave', node: 'dave' } });
    expect([answer.status, answer.json['code']]).toEqual([404, 'node-not-found']);
  });

  it("stores the peer's token, which then is shown nowhere", async () => {
    const { port, store, log } = await startLocalStack();
    await ask(port, '/api/v1/peers', { method: 'POST', body: { name: 'bob', node: 'nbob' } });
    const token = `apt_${'t'.repeat(43)}`;
    const answer = await ask(port, '/api/v1/peers/bob/token', { method: 'PUT', body: { token } });
    expect([answer.status, answer.json]).toEqual([200, { peer: { name: 'bob', hasOutboundToken: true } }]);
    expect(store.peers.outboundToken('bob' as never)).toBe(token);
    expect(log.text() + (await ask(port, '/api/v1/peers')).text).not.toContain(token);
  });

  it('offers a session under an alias, with a warning where one is due', async () => {
    const { port } = await withBob();
    const body = { peer: 'bob', alias: 'main', sessionKey: 'Agent:Main:MAIN' };
    const added = await ask(port, '/api/v1/aliases', { method: 'POST', body });
    expect([added.status, added.json['grant']]).toEqual([
      201,
      { peer: 'bob', alias: 'main', sessionKey: 'agent:main:main', ...EVERYTHING },
    ]);
    expect((added.json['warnings'] as unknown[]).length).toBe(1);
    const grants = [{ peer: 'bob', alias: 'main', sessionKey: 'agent:main:main', ...EVERYTHING }];
    expect((await ask(port, '/api/v1/aliases')).json).toEqual({ grants });
    expect((await ask(port, '/api/v1/aliases?peer=bob')).json).toEqual({ grants });
    expect((await ask(port, '/api/v1/aliases?peer=nobody')).status).toBe(404);
  });

  it('offers it as narrowly as is wished, until an instant that is counted from now', async () => {
    const { port, clock } = await withBob();
    const wish = { operations: ['message-send'], sendsPerMinute: 2, expiresIn: '30m', special: true };
    const body = { peer: 'bob', alias: 'cron', sessionKey: 'agent:main:cron:nightly', ...wish };
    const { status, json } = await ask(port, '/api/v1/aliases', { method: 'POST', body });
    const { expiresAt, ...grant } = json['grant'] as Record<string, unknown>;
    expect([status, grant]).toEqual([
      201,
      {
        peer: 'bob',
        alias: 'cron',
        sessionKey: 'agent:main:cron:nightly',
        operations: ['message-send'],
        sendsPerMinute: 2,
        hold: 'none',
      },
    ]);
    expect(expiresAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const explained = () => ask(port, '/api/v1/explain?peer=bob&operation=message-send&alias=cron');
    clock.aheadMs = 29 * 60_000;
    expect((await explained()).json).toMatchObject({ allowed: true });
    clock.aheadMs = 30 * 60_000;
    expect((await explained()).json).toMatchObject({ allowed: false, reason: 'grant-expired' });
  });

  it.each([
    [{ expiresIn: '7' }, 'expiresIn: is not a duration'],
    [{ expiresIn: 'never' }, 'expiresIn: is not a duration'],
    [{ expiresIn: '3651d' }, 'expiresIn: is longer than 3650 days'],
    [{ expiresIn: 60 }, 'body: expiresIn'],
    [{ operations: ['card-read'] }, 'operations: "card-read" cannot be granted'],
    [{ operations: 'message-send' }, 'body: operations'],
    [{ sendsPerMinute: 0 }, 'sends per minute: 0 is no limit'],
    [{ sendsPerMinute: '5' }, 'body: sendsPerMinute'],
    [{ sendsPerMinute: null }, 'body: sendsPerMinute'],
    [{ special: 'yes' }, 'body: special'],
    [{ hold: 'perhaps' }, 'hold: "perhaps" is none'],
    [{ expiresAt: 1 }, 'body: '],
  ])('cannot offer with %o', async (wrong, what) => {
    const { port } = await withBob();
    const body = { peer: 'bob', alias: 'handoff', sessionKey: 'agent:main:x', ...wrong };
    const answer = await ask(port, '/api/v1/aliases', { method: 'POST', body });
    expect([answer.status, answer.json['code']]).toEqual([400, 'input-invalid']);
    expect(answer.json['detail']).toContain(what);
    expect((await ask(port, '/api/v1/aliases')).json).toEqual({ grants: [] });
  });

  it.each([
    ['bob', 'handoff', 'agent:main:whatsapp:direct:+31', 'session-key-invalid'],
    ['bob', 'Hand Off', 'agent:main:x', 'alias-invalid'],
    ['nobody', 'handoff', 'agent:main:x', 'peer-not-found'],
  ])('cannot offer %s %s %s', async (peer, alias, sessionKey, code) => {
    const { port } = await withBob();
    expect(
      (await ask(port, '/api/v1/aliases', { method: 'POST', body: { peer, alias, sessionKey } })).json[
        'code'
      ],
    ).toBe(code);
  });

  it('pairs the gateway, and the shared token is neither stored nor logged', async () => {
    const { port, gateway, log } = await startLocalStack();
    const token = 'the-shared-token-of-the-gateway';
    gateway.pair = { kind: 'approval-needed', requestId: 'req-1', deviceId: 'dev-1' };
    const first = await ask(port, '/api/v1/gateway/pair', { method: 'POST', body: { token } });
    expect(first.json).toEqual({
      step: 'approval-needed',
      requestId: 'req-1',
      deviceId: 'dev-1',
      command: 'openclaw devices approve req-1',
    });
    const given = {
      scopes: ['operator.read', 'operator.write', 'x'],
      excess: ['x'],
      approvedSilently: false,
    };
    gateway.pair = { kind: 'paired', ...given };
    const second = await ask(port, '/api/v1/gateway/pair', { method: 'POST', body: { token } });
    expect(second.json).toEqual({ step: 'paired', ...given });
    expect(gateway.presented).toEqual([token, token]);
    expect(log.text()).not.toContain(token);
  });

  it('unpairs the gateway, and is told which device is still known there', async () => {
    const { port, gateway } = await startLocalStack();
    const unpair = async () => (await ask(port, '/api/v1/gateway/unpair', { method: 'POST' })).json;
    gateway.deviceId = 'dev-1';
    expect(await unpair()).toEqual({ deviceId: 'dev-1', command: 'openclaw devices remove dev-1' });
    gateway.deviceId = null;
    expect(await unpair()).toEqual({ deviceId: null, command: null });
  });

  it('sees the sessions of the gateway, what can be offered of them, and who has it', async () => {
    const { port, gateway } = await withBob();
    const body = { peer: 'bob', alias: 'handoff', sessionKey: 'agent:main:peer-bob' };
    await ask(port, '/api/v1/aliases', { method: 'POST', body });
    await ask(port, '/api/v1/aliases', { method: 'POST', body: { ...body, alias: 'again' } });
    gateway.sessions = {
      sessions: [
        { sessionKey: 'agent:main:peer-bob', agentId: 'main', usedAt: 0 },
        { sessionKey: 'agent:work:cron:nightly', agentId: 'work', usedAt: null },
        { sessionKey: 'global', agentId: null, usedAt: null },
      ],
      total: 7,
    };
    const offeredTo = ['again', 'handoff'].map((alias) => ({ peer: 'bob', alias }));
    const answer = await ask(port, '/api/v1/sessions');
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        sessions: [
          {
            sessionKey: 'agent:main:peer-bob',
            agentId: 'main',
            kind: 'plain',
            offer: 'yes',
            usedAt: '1970-01-01T00:00:00.000Z',
            offeredTo,
          },
          {
            sessionKey: 'agent:work:cron:nightly',
            agentId: 'work',
            kind: 'cron',
            offer: 'special',
            usedAt: null,
            offeredTo: [],
          },
          { sessionKey: 'global', agentId: null, kind: 'global', offer: 'no', usedAt: null, offeredTo: [] },
        ],
        total: 7,
      },
    ]);
  });

  it('is warned of what the tools of the session’s agent reach, and gets the grant all the same', async () => {
    const { port, gateway } = await withBob();
    gateway.tools = {
      'agent:main:x': { kind: 'known', tools: ['exec', 'web_search'] },
      'agent:away:x': { kind: 'unknown', detail: 'it is away' },
    };
    const add = async (sessionKey: string, more: object = {}) => {
      const body = { peer: 'bob', alias: 'handoff', sessionKey, ...more };
      const { status, json } = await ask(port, '/api/v1/aliases', { method: 'POST', body });
      const warnings = json['warnings'] as string[];
      return [status, warnings.filter((warning) => warning.includes('tools')).join()];
    };
    expect(await add('agent:main:x')).toEqual([201, expect.stringContaining('commands (exec)')]);
    expect(await add('agent:away:x')).toEqual([201, expect.stringContaining('what tools agent "away" has')]);
    expect(await add('agent:reader:x')).toEqual([201, '']);
    expect(await add('agent:main:x', { operations: ['task-read'] })).toEqual([201, '']);
  });

  it('is told why the gateway refuses', async () => {
    const { port, gateway } = await startLocalStack();
    gateway.pair = new AgentPeerError(
      'gateway-token-refused',
      'the gateway refused the token',
      'Look it up again',
    );
    const answer = await ask(port, '/api/v1/gateway/pair', { method: 'POST', body: { token: 'wrong' } });
    expect([answer.status, answer.json['code'], answer.json['fix']]).toEqual([
      422,
      'gateway-token-refused',
      'Look it up again',
    ]);
  });

  it('sees how everything is', async () => {
    const stack = await withBob();
    const { json } = await ask(stack.port, '/api/v1/status');
    expect(json).toEqual({
      version: '9.9.9',
      node: { nodeId: 'nalice', dnsName: 'nalice.lab.internal', ipv4: '100.64.0.1' },
      tailnet: { backendState: 'Running', tun: true, version: '1.102.3', health: [] },
      gateway: { kind: 'unpaired' },
      clock: { kind: 'ok' },
      paused: false,
      peers: [
        {
          name: 'bob',
          nodeId: 'nbob',
          state: 'active',
          online: true,
          expiresAt: null,
          hasOutboundToken: true,
          pairing: null,
          waiting: { count: 0, detail: null },
        },
      ],
      outbox: {},
      inbox: {},
      notices: [],
      held: { here: 0, there: 0 },
    });
  });

  it('sees what needs a person, in the status and by itself, and what did before', async () => {
    const { port, store } = await withBob();
    const text = 'bob: 1 message waits for you to look at. Run: agent-peer held list';
    store.notices.raise({ kind: 'expired', subject: 'bob', peer: BOB, text: 'bob: gone' }, 0);
    store.notices.over('expired', 'bob', 1000);
    store.notices.raise({ kind: 'hold', subject: 'bob', peer: BOB, text }, 2000);
    store.notices.told(2, 3000);
    const open = [
      {
        kind: 'hold',
        peer: 'bob',
        text,
        createdAt: '1970-01-01T00:00:02.000Z',
        toldAt: '1970-01-01T00:00:03.000Z',
        overAt: null,
      },
    ];
    const over = [
      {
        kind: 'expired',
        peer: 'bob',
        text: 'bob: gone',
        createdAt: '1970-01-01T00:00:00.000Z',
        toldAt: null,
        overAt: '1970-01-01T00:00:01.000Z',
      },
    ];
    expect((await ask(port, '/api/v1/status')).json).toMatchObject({ notices: open });
    expect((await ask(port, '/api/v1/notices')).json).toEqual({ open, over });
    expect((await ask(port, '/api/v1/notices?limit=1')).json).toEqual({ open, over: [] });
  });

  it('pauses everything or one peer, and lets each go on', async () => {
    const { port } = await withBob();
    const say = async (path: string, body: object) =>
      (await ask(port, `/api/v1/${path}`, { method: 'POST', body })).json;
    const paused = async () => (await ask(port, '/api/v1/status')).json['paused'];
    expect(await say('pause', {})).toEqual({ paused: true, pausedPeers: [], turnsStopped: 0 });
    expect(await paused()).toBe(true);
    expect(await say('pause', { peer: 'bob' })).toEqual({
      paused: true,
      pausedPeers: ['bob'],
      turnsStopped: 0,
    });
    expect(await say('resume', {})).toEqual({ paused: false, pausedPeers: ['bob'] });
    expect(await paused()).toBe(false);
    expect(await say('resume', { peer: 'bob' })).toEqual({ paused: false, pausedPeers: [] });
    expect(await say('pause', { peer: 'nobody' })).toMatchObject({ status: 404, code: 'peer-not-found' });
  });

  it('is told, while all is paused, that nothing is sent, and how that ends', async () => {
    const { port, store } = await withBob();
    store.peers.setPaused(true);
    const body = { peer: 'bob', alias: 'handoff', text: 'hello' };
    const { status, json } = await ask(port, '/api/v1/messages', { method: 'POST', body });
    expect([status, json['code']]).toEqual([409, 'stack-paused']);
    expect(json['fix']).toContain('agent-peer resume');
    expect(store.outbox.list(1)).toEqual([]);
  });

  it('sees status also while tailscaled is away', async () => {
    const stack = await withBob();
    stack.tailnet.down = true;
    const { status, json } = await ask(stack.port, '/api/v1/status');
    expect([status, json['node']]).toEqual([200, null]);
    expect(json['tailnet']).toMatchObject({
      backendState: 'unavailable',
      health: [expect.stringContaining('tailnet-unavailable')],
    });
  });
});

describe('what the judge would say', () => {
  const explained = (port: number, query: string) => ask(port, `/api/v1/explain?${query}`);

  it('is told with the grant that allows it, field by field', async () => {
    const { port } = await withBob();
    const body = { peer: 'bob', alias: 'handoff', sessionKey: 'agent:main:peer-bob' };
    await ask(port, '/api/v1/aliases', { method: 'POST', body });
    const inbound = await explained(port, 'peer=bob&operation=message-send&alias=handoff');
    expect([inbound.status, inbound.json]).toEqual([
      200,
      {
        allowed: true,
        reason: null,
        sentence: 'Allowed: bob may write to "handoff", which is agent:main:peer-bob.',
        grant: { ...body, ...EVERYTHING },
      },
    ]);
    const outbound = await explained(port, 'peer=bob&operation=message-submit&alias=handoff');
    expect(outbound.json['grant']).toEqual({
      peer: 'bob',
      alias: 'any',
      hold: 'none',
      replySession: null,
      expiresAt: null,
    });
    const health = await explained(port, 'peer=bob&operation=health-read');
    expect(health.json).toMatchObject({ allowed: true, grant: null });
  });

  it.each(['alias=other', 'alias=agent:main:main', 'alias=', ''])(
    'is the same refusal for every alias that is not granted: %j',
    async (alias) => {
      const { port } = await withBob();
      const { status, json } = await explained(port, `peer=bob&operation=message-send&${alias}`);
      expect([status, json]).toEqual([
        200,
        {
          allowed: false,
          reason: 'alias-not-granted',
          sentence: 'Refused: there is no grant between bob and this stack for that alias.',
          grant: null,
        },
      ]);
    },
  );

  it.each([
    ['peer=nobody&operation=message-send', 404, 'peer-not-found'],
    ['peer=bob&operation=everything', 400, 'input-invalid'],
    ['peer=bob', 400, 'input-invalid'],
    ['operation=message-send', 400, 'input-invalid'],
    ['peer=bob&peer=carol&operation=message-send', 400, 'input-invalid'],
    ['peer=bob&operation=message-send&node=nbob', 400, 'input-invalid'],
  ])('is not told for %s', async (query, status, code) => {
    const { port } = await withBob();
    const answer = await explained(port, query);
    expect([answer.status, answer.json['code']]).toEqual([status, code]);
  });
});

describe('a clock that went back', () => {
  async function behind() {
    const stack = await withBob();
    stack.clock.aheadMs = 3_600_000;
    await ask(stack.port, '/api/v1/status');
    stack.clock.aheadMs = 0;
    return stack;
  }
  const clockOf = async (port: number) => (await ask(port, '/api/v1/status')).json['clock'];

  it('is shown, and lets nothing go', async () => {
    const { port, store } = await behind();
    expect(await clockOf(port)).toEqual({ kind: 'behind' });
    const sent = await ask(port, '/api/v1/messages', { method: 'POST', body: HELLO });
    expect([sent.status, sent.json['code']]).toEqual([503, 'clock-behind']);
    expect(store.outbox.list(10)).toEqual([]);
  });

  it.each([[{}], [{ body: {} }]])('is right when the owner says so, with %o', async (content) => {
    const { port, log } = await behind();
    const accepted = await ask(port, '/api/v1/clock/accept', { method: 'POST', ...content });
    expect([accepted.status, accepted.json]).toEqual([200, { clock: 'ok' }]);
    expect(log.text()).toContain('clock-accepted');
    expect(await clockOf(port)).toEqual({ kind: 'ok' });
    expect((await ask(port, '/api/v1/messages', { method: 'POST', body: HELLO })).status).toBe(202);
  });

  it.each([
    ['more than nothing', { body: { at: 1 } }, 'input-invalid'],
    ['half a JSON', { body: '{' }, 'input-invalid'],
    ['a form', { body: 'a=b', headers: { 'content-type': 'text/plain' } }, 'local-type-unknown'],
  ])('is not accepted with %s', async (_what, content, code) => {
    const { port } = await behind();
    const answer = await ask(port, '/api/v1/clock/accept', { method: 'POST', ...content });
    expect(answer.json['code']).toBe(code);
    expect(await clockOf(port)).toEqual({ kind: 'behind' });
  });

  it('is not known under a policy that cannot be read, and status answers all the same', async () => {
    const stack = await withBob();
    stack.store.peers.putGrant(sampleOutboundGrant({ hold: 'perhaps' as never }));
    const { status, json } = await ask(stack.port, '/api/v1/status');
    expect([status, json['clock']]).toEqual([
      200,
      { kind: 'unknown', detail: expect.stringContaining('the policy is unreadable') as string },
    ]);
  });
});

it('refuses what agents here may not write to, and says whom to ask', async () => {
  const { port, store, audit } = await withBob();
  store.peers.putGrant(sampleOutboundGrant({ expiresAt: 1 }));
  const sent = await ask(port, '/api/v1/messages', { method: 'POST', body: HELLO, token: AGENT });
  expect([sent.status, sent.json['code']]).toEqual([403, 'not-granted']);
  expect(sent.json['fix']).toContain('the owner of this stack');
  expect(audit.read({ limit: 10 })).toMatchObject([
    { direction: 'outbound', surface: 'local', allowed: false, reason: 'grant-expired', peer: 'bob' },
  ]);
});

describe('health', () => {
  it('says without a token that it works, and how the gateway is', async () => {
    const { port } = await startLocalStack();
    const answer = await ask(port, '/health', { token: null });
    expect([answer.status, answer.json]).toEqual([200, { status: 'ok', gateway: 'unpaired' }]);
  });

  it('is not well without its tailnet, however well loopback answers', async () => {
    const stack = await startLocalStack();
    stack.tailnet.down = true;
    const down = await ask(stack.port, '/health', { token: null });
    expect([down.status, down.json['status']]).toEqual([503, 'tailnet-unavailable']);
    Object.assign(stack.tailnet, { down: false, backendState: 'NeedsLogin' });
    const loggedOut = await ask(stack.port, '/health', { token: null });
    expect([loggedOut.status, loggedOut.json['status']]).toEqual([503, 'tailnet-not-running']);
  });
});

it('answers a fault of its own with no word about it, and logs it', async () => {
  const stack = await startLocalStack();
  stack.gateway.pair = new Error('secret inside');
  const answer = await ask(stack.port, '/api/v1/gateway/pair', { method: 'POST', body: { token: 'x' } });
  expect([answer.status, answer.json['code']]).toEqual([500, 'internal-error']);
  expect(answer.text).not.toContain('secret inside');
  expect(stack.log.text()).toContain('secret inside');
});

async function idOfFirst({ store }: Awaited<ReturnType<typeof withBob>>): Promise<string> {
  for (;;) {
    const [first] = store.outbox.list(1);
    if (first !== undefined) return first.id;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
