/**
 * A peer as an A2A server on loopback, as a program on this machine meets it that speaks A2A and knows nothing of this stack.
 *
 * What is posted is a message like any other: judged, held, counted in hops and kept on disk until the peer has it. Its id is
 * the client's to choose, and the same one again is the same message, also after a restart. Nothing that a client says of
 * itself, its token or the hops of its message gives it more than an agent has. What A2A has and this stack has not is
 * refused in A2A's own way, with a word of ours for the reason.
 */
import { Role, TaskState, type Task } from '@a2a-js/sdk';
import { describe, expect, it } from 'vitest';
import { HOP_LIMIT, type MessageId } from '../../src/core/message.ts';
import type { Alias } from '../../src/core/alias.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import { MESSAGE_EXTENSION } from '../../src/core/peer-wire.ts';
import { ask, AGENT, OWNER, startLocalStack, type LocalStack } from '../harness/local-stack.ts';
import { call, stockParams } from '../harness/loopback-calls.ts';
import { officialClient } from '../harness/official-client.ts';
import { BOB, sampleInbound, sampleOutboundGrant } from '../harness/samples.ts';
import { json, startScriptedListener } from '../harness/scripted-listener.ts';
import { tempFolder } from '../harness/temp-folder.ts';

const EXTENDED = (own: object) => ({ metadata: { [MESSAGE_EXTENSION]: own } });

async function withBob(options: Parameters<typeof startLocalStack>[0] = {}): Promise<LocalStack> {
  const stack = await startLocalStack(options);
  stack.addPeer('bob');
  return stack;
}

const sent = ({ store }: LocalStack) => store.outbox.list(100);

describe('a message of a local client', () => {
  it('goes into the outbox with all that it says, and its task is the message', async () => {
    const stack = await withBob();
    const params = {
      message: {
        messageId: 'm-1',
        role: 'ROLE_USER',
        parts: [{ text: 'mend it' }, { data: { branch: 'main' } }],
        ...EXTENDED({ kind: 'delegation', fields: { doneWhen: 'green' }, ttlSeconds: 3600 }),
      },
      configuration: { returnImmediately: true },
    };
    const { status, task } = await call(stack.port, 'SendMessage', params, { at: '/bob/a2a/v1/handoff' });
    const [message] = sent(stack);
    expect(status).toBe(200);
    expect(task).toMatchObject({
      id: message?.id,
      contextId: message?.conversation,
      status: { state: 'TASK_STATE_SUBMITTED' },
    });
    expect(message).toMatchObject({
      peer: 'bob',
      alias: 'handoff',
      text: 'mend it',
      content: {
        kind: 'delegation',
        fields: { doneWhen: 'green' },
        context: [{ type: 'json', value: { branch: 'main' } }],
      },
      expiresAt: (message?.createdAt ?? 0) + 3_600_000,
    });
  });

  it('is waited for, and its reply is the artifact', async () => {
    const stack = await withBob();
    const message = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] };
    const answer = call(stack.port, 'SendMessage', { message });
    await expect.poll(() => sent(stack).length).toBe(1);
    stack.happen(sent(stack)[0]?.id ?? '', { kind: 'replied', taskId: 't', reply: 'hi there' });
    const { task } = await answer;
    expect(task?.status.state).toBe('TASK_STATE_COMPLETED');
    expect(task?.artifacts?.[0]?.parts).toEqual([{ text: 'hi there' }]);
  });

  it('is told how it stands in every state, in our words and never the peer’s task', async () => {
    const stack = await withBob();
    const stateOf = async (id: string) => {
      const { task } = await call(stack.port, 'GetTask', { id });
      return [task?.status.state, task?.status.message?.parts[0]?.text ?? null];
    };
    const submit = async (id: string) =>
      (await call(stack.port, 'SendMessage', stockParams(id))).task?.id ?? '';
    const queued = await submit('queued');
    expect(await stateOf(queued)).toEqual(['TASK_STATE_SUBMITTED', null]);
    stack.happen(queued, { kind: 'not-delivered', detail: 'no-connection: ECONNREFUSED' });
    expect(await stateOf(queued)).toEqual(['TASK_STATE_SUBMITTED', expect.stringContaining('ECONNREFUSED')]);
    stack.happen(queued, { kind: 'receipt', taskId: 'secret-task', held: 'grant' });
    expect(await stateOf(queued)).toEqual([
      'TASK_STATE_WORKING',
      expect.stringMatching(/A person at the receiving stack/),
    ]);
    stack.happen(queued, { kind: 'receipt', taskId: 'secret-task' });
    expect(await stateOf(queued)).toEqual(['TASK_STATE_WORKING', null]);

    const endings = [
      [
        { kind: 'refused', reason: 'alias-not-granted', detail: 'the peer refused it: alias-not-granted' },
        'REJECTED',
        /alias-not-granted/,
      ],
      [{ kind: 'expired' }, 'REJECTED', /time/],
      [{ kind: 'failed', detail: 'the agent broke' }, 'FAILED', /the agent broke/],
      [{ kind: 'uncertain', detail: 'nobody knows' }, 'FAILED', /cannot be proved.*nobody knows/],
      [{ kind: 'cancelled' }, 'CANCELED', /taken back/],
    ] as const;
    for (const [event, state, words] of endings) {
      const id = await submit(`ends-${event.kind}`);
      stack.happen(id, event);
      expect(await stateOf(id)).toEqual([`TASK_STATE_${state}`, expect.stringMatching(words)]);
    }
    expect((await call(stack.port, 'GetTask', { id: queued })).text).not.toContain('secret-task');
  });

  it('that looks like a secret goes, and its client is warned in every state, beside a reply for programs alone', async () => {
    const stack = await withBob();
    const secret = `ghp_${'Ab1'.repeat(12)}`;
    const first = await call(stack.port, 'SendMessage', stockParams('m-1', `use ${secret}`));
    const warning =
      'The message has what looks like a token of GitHub in it. Your human may want to know, and to change it';
    const metadata = { [MESSAGE_EXTENSION]: { warnings: [warning] } };
    expect(first.task).toMatchObject({ status: { state: 'TASK_STATE_SUBMITTED' }, metadata });
    expect(first.task?.status.message?.parts).toEqual([{ text: `${warning}.` }]);
    const { id } = first.task ?? { id: '' };
    const look = async () => (await call(stack.port, 'GetTask', { id })).task;
    stack.happen(id, { kind: 'receipt', taskId: 't', held: 'reply' });
    const waiting = await look();
    expect(waiting?.status.message).toMatchObject({
      parts: [
        { text: `A person at the receiving stack has to look at the reply first (grant). ${warning}.` },
      ],
      metadata: { [MESSAGE_EXTENSION]: { held: 'reply' } },
    });
    stack.happen(id, { kind: 'replied', taskId: 't', reply: 'hi there' });
    const answered = await look();
    expect([answered?.metadata, answered?.status.message]).toEqual([metadata, undefined]);
    expect(first.text + JSON.stringify([waiting, answered])).not.toContain(secret);
    const plain = await call(stack.port, 'SendMessage', stockParams('m-2'));
    expect([plain.task?.metadata, plain.task?.status.message]).toEqual([undefined, undefined]);
  });

  it('is answered at once when a person has to look at it', async () => {
    const stack = await withBob();
    stack.store.peers.putGrant(sampleOutboundGrant({ hold: 'outbound' }));
    const message = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] };
    const { task } = await call(stack.port, 'SendMessage', { message });
    expect(task?.status).toMatchObject({
      state: 'TASK_STATE_SUBMITTED',
      message: { metadata: { [MESSAGE_EXTENSION]: { held: 'grant' } } },
    });
    expect(sent(stack)).toMatchObject([{ state: 'held' }]);
  });

  it('is taken back while the peer has not got it, and after that only as the peer says', async () => {
    const stack = await withBob();
    const first = await call(stack.port, 'SendMessage', stockParams('m-1'));
    const taken = await call(stack.port, 'CancelTask', { id: first.task?.id });
    expect(taken.task?.status.state).toBe('TASK_STATE_CANCELED');
    const second = await call(stack.port, 'SendMessage', stockParams('m-2'));
    stack.happen(second.task?.id ?? '', { kind: 'receipt', taskId: 't' });
    stack.peerSays.cancel = { kind: 'refused', reason: 'task-not-cancelable' };
    const refused = await call(stack.port, 'CancelTask', { id: second.task?.id });
    expect(refused.refused).toEqual([-32002, 'message-not-cancelled', expect.stringContaining('bob')]);
  });

  it('goes to the only alias that may be written to, where none is named', async () => {
    const stack = await withBob();
    stack.store.peers.removeGrant('outbound', BOB, 'any');
    stack.store.peers.putGrant(sampleOutboundGrant({ alias: 'review' as Alias }));
    await call(stack.port, 'SendMessage', stockParams('m-1'));
    stack.store.peers.putGrant(sampleOutboundGrant({ alias: 'inbox' as Alias }));
    await call(stack.port, 'SendMessage', stockParams('m-2'));
    expect(sent(stack).map(({ alias }) => alias)).toEqual(['inbox', 'review']);
  });

  it('goes to no alias whose time is over, where none is named', async () => {
    const stack = await withBob();
    stack.store.peers.removeGrant('outbound', BOB, 'any');
    stack.store.peers.putGrant(sampleOutboundGrant({ alias: 'old' as Alias, expiresAt: Date.now() - 1_000 }));
    stack.store.peers.putGrant(sampleOutboundGrant({ alias: 'review' as Alias }));
    await call(stack.port, 'SendMessage', stockParams('m-1'));
    expect(sent(stack)).toMatchObject([{ alias: 'review' }]);
  });
});

describe('the channel of a stock OpenClaw', () => {
  it('is answered at once, without a version or a token, and its reply comes into the listed session', async () => {
    const stack = await withBob({ agentNeedsToken: false });
    const session = 'agent:main:from-bob' as SessionKey;
    stack.store.peers.putGrant(sampleOutboundGrant({ replySession: session }));
    for (const [id, token] of [
      ['m-1', null],
      ['m-2', AGENT],
    ] as const) {
      const { status, task } = await call(stack.port, 'SendMessage', stockParams(id), { token });
      expect([status, typeof task?.id]).toEqual([200, 'string']);
    }
    expect(sent(stack)).toMatchObject([
      { conversation: 'ctx-oc-bob', replySession: session },
      { conversation: 'ctx-oc-bob', replySession: session },
    ]);
    const again = await call(stack.port, 'message/send', stockParams('m-3'), { token: null });
    expect(again.task?.status.state).toBe('TASK_STATE_SUBMITTED');
  });
});

describe('a request that comes again', () => {
  it('finds its task and sends nothing twice, also after a restart and when its words are erased', async () => {
    const dataDir = tempFolder();
    const before = await withBob({ dataDir });
    const first = await call(before.port, 'SendMessage', stockParams('m-1'));
    const again = await call(before.port, 'SendMessage', stockParams('m-1'));
    expect(again.task).toEqual(first.task);
    before.happen(first.task?.id ?? '', { kind: 'replied', taskId: 't', reply: 'done' });
    before.store.retention.erase(Date.now() + 1, Date.now(), 10);
    await before.close(0);
    before.store.close();

    const after = await startLocalStack({ dataDir });
    const later = await call(after.port, 'SendMessage', stockParams('m-1'));
    expect(later.task?.id).toBe(first.task?.id);
    const other = await call(after.port, 'SendMessage', stockParams('m-1', 'something else'));
    expect(other.refused?.slice(0, 2)).toEqual([-32000, 'message-id-reused']);
    expect(sent(after)).toHaveLength(1);
  });

  it('finds its task, though another alias is meant by now where none is named', async () => {
    const stack = await withBob();
    stack.store.peers.removeGrant('outbound', BOB, 'any');
    stack.store.peers.putGrant(sampleOutboundGrant({ alias: 'review' as Alias }));
    const first = await call(stack.port, 'SendMessage', stockParams('m-1'));
    stack.store.peers.putGrant(sampleOutboundGrant({ alias: 'inbox' as Alias }));
    const again = await call(stack.port, 'SendMessage', stockParams('m-1'));
    expect(again.task).toEqual(first.task);
    expect(sent(stack)).toMatchObject([{ alias: 'review' }]);
  });

  it('is another message under another alias, kind or peer', async () => {
    const stack = await withBob();
    stack.addPeer('carol');
    await call(stack.port, 'SendMessage', stockParams('m-1'));
    const elsewhere = { at: '/bob/a2a/v1/handoff' };
    const refused = [
      await call(stack.port, 'SendMessage', stockParams('m-1'), elsewhere),
      await call(stack.port, 'SendMessage', stockParams('m-1', 'hello bob', EXTENDED({ kind: 'handoff' }))),
    ];
    expect(refused.map((one) => one.refused?.[1])).toEqual(['message-id-reused', 'message-id-reused']);
    await call(stack.port, 'SendMessage', stockParams('m-1'), { at: '/carol/a2a/v1' });
    expect(sent(stack).map(({ peer }) => peer)).toEqual(['carol', 'bob']);
  });

  it('is one message when two come at once', async () => {
    const stack = await withBob();
    const both = await Promise.all([1, 2].map(() => call(stack.port, 'SendMessage', stockParams('m-1'))));
    expect(new Set(both.map(({ task }) => task?.id)).size).toBe(1);
    expect(sent(stack)).toHaveLength(1);
  });
});

describe('a client gets no more than an agent has', () => {
  it.each([
    ['the owner’s token', OWNER],
    ['the agent’s', AGENT],
  ])('by saying hop 0 in a loop, with %s: the hops that this stack counts go out', async (_whose, token) => {
    const stack = await withBob();
    const { inbox } = stack.store;
    const now = Date.now();
    const { message: read } = inbox.accept(
      sampleInbound('loop', { hop: HOP_LIMIT, createdAt: now, expiresAt: now + 3_600_000 }),
    ) as { message: { taskId: Parameters<typeof inbox.apply>[0] } };
    inbox.apply(read.taskId, { kind: 'begun' }, now);
    const params = stockParams('m-1', 'round and round', EXTENDED({ hop: 0 }));
    await call(stack.port, 'SendMessage', params, { token });
    expect(sent(stack)).toMatchObject([{ hop: HOP_LIMIT + 1 }]);
  });

  it('by a task of a message to another peer', async () => {
    const stack = await withBob();
    stack.addPeer('carol');
    const { task } = await call(stack.port, 'SendMessage', stockParams('m-1'));
    for (const method of ['GetTask', 'tasks/get', 'CancelTask', 'tasks/cancel']) {
      const { refused } = await call(stack.port, method, { id: task?.id }, { at: '/carol/a2a/v1' });
      expect(refused?.slice(0, 2), method).toEqual([-32001, 'task-unknown']);
    }
    const taken = {
      ...stockParams('m-2'),
      message: { messageId: 'm-2', taskId: task?.id, role: 'ROLE_USER', parts: [{ text: 'x' }] },
    };
    expect((await call(stack.port, 'SendMessage', taken)).refused?.[1]).toBe('operation-unsupported');
  });

  it('where it may not write, and is told why', async () => {
    const stack = await withBob();
    stack.addPeer('carol');
    stack.store.peers.removeGrant('outbound', BOB, 'any');
    stack.store.peers.putGrant(sampleOutboundGrant({ alias: 'handoff' as Alias }));
    const word = async (at: string) =>
      (await call(stack.port, 'SendMessage', stockParams('m-1'), { at })).refused?.[1];
    expect(await word('/nobody/a2a/v1')).toBe('peer-not-found');
    expect(await word('/No-Name/a2a/v1')).toBe('peer-not-found');
    expect(await word('/bob/a2a/v1/inbox')).toBe('not-granted');
    expect(await word('/bob/a2a/v1/NOT')).toBe('alias-invalid');
    const revoked = await ask(stack.port, '/api/v1/peers/carol/revoke', { method: 'POST' });
    expect(revoked.status).toBe(200);
    const gone = await call(stack.port, 'SendMessage', stockParams('m-1'), { at: '/carol/a2a/v1' });
    expect(gone.refused).toEqual([-32000, 'peer-not-found', expect.stringContaining('revoked')]);
    expect(sent(stack)).toEqual([]);
  });

  it('from a web page, and without a token where one is needed', async () => {
    const stack = await withBob();
    for (const headers of [{ origin: 'http://evil.example' }, { host: 'evil.example:18790' }]) {
      const { status, json } = await call(stack.port, 'SendMessage', stockParams('m-1'), { headers });
      expect([status, json['code']]).toEqual([403, 'local-request-refused']);
    }
    const { status } = await call(stack.port, 'SendMessage', stockParams('m-1'), { token: null });
    expect(status).toBe(401);
    expect(sent(stack)).toEqual([]);
  });
});

describe('what is refused, in A2A’s own way', () => {
  const push = { taskPushNotificationConfig: { url: 'http://evil.example' } };
  it.each<[string, string, object, number, string]>([
    [
      'a push configuration',
      'SendMessage',
      { ...stockParams('m'), configuration: push },
      -32003,
      'push-unsupported',
    ],
    [
      'a file by URL',
      'SendMessage',
      stockParams('m', '', { parts: [{ url: 'http://evil.example/x' }] }),
      -32005,
      'part-not-text',
    ],
    ['bytes', 'SendMessage', stockParams('m', '', { parts: [{ raw: 'AAAA' }] }), -32005, 'part-not-text'],
    ['no text', 'SendMessage', stockParams('m', ' '), -32602, 'text-empty'],
    [
      'an unknown field',
      'SendMessage',
      stockParams('m', 'x', { session: 'agent:main:main' }),
      -32602,
      'params-invalid',
    ],
    [
      'a time to live of a second',
      'SendMessage',
      stockParams('m', 'x', EXTENDED({ ttlSeconds: 1 })),
      -32602,
      'message-invalid',
    ],
    ['a stream', 'SendStreamingMessage', stockParams('m'), -32004, 'operation-unsupported'],
    ['a list of tasks', 'ListTasks', {}, -32004, 'operation-unsupported'],
    ['a method of nobody', 'sessions.send', {}, -32601, 'rpc-method-unknown'],
    ['a task of nobody', 'GetTask', { id: 'nothing' }, -32001, 'task-unknown'],
  ])('%s', async (_what, method, params, code, word) => {
    const stack = await withBob();
    const { status, refused } = await call(stack.port, method, params);
    expect([status, refused?.slice(0, 2)]).toEqual([200, [code, word]]);
    expect(sent(stack)).toEqual([]);
  });

  it.each<[string, string | Buffer, Record<string, string>, number, string]>([
    ['a megabyte', JSON.stringify({ x: 'x'.repeat(1_000_000) }), {}, 413, 'body-too-large'],
    ['half a body', '{"jsonrpc":', {}, 400, 'body-unparseable'],
    ['a name twice', '{"jsonrpc":"2.0","jsonrpc":"2.0"}', {}, 400, 'body-unparseable'],
    ['a batch', '[]', {}, 400, 'rpc-invalid'],
    ['a form', 'x=1', { 'content-type': 'text/plain' }, 415, 'content-type-unsupported'],
    [
      'another version',
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'GetTask' }),
      { 'a2a-version': '0.3' },
      200,
      'version-unsupported',
    ],
  ])('%s', async (_what, body, headers, status, word) => {
    const stack = await withBob();
    const answer = await ask(stack.port, '/peers/bob/a2a/v1', { method: 'POST', body, headers });
    const { error } = answer.json as { error: { data: { reason: string }[] } };
    expect([answer.status, error.data.at(-1)?.reason]).toEqual([status, word]);
  });

  it.each([
    ['POST', '/peers/bob'],
    ['POST', '/peers/bob/a2a/v1/'],
    ['POST', '/peers/bob/a2a/v1?x=1'],
    ['POST', '/peers/bob/a2a/v1/inbox/more'],
    ['POST', '/peers/bob/tools/invoke'],
    ['POST', '/peers/bob%2fa2a/v1'],
    ['GET', '/peers/bob/health?x=1'],
    ['GET', '/peers/bob/../carol/health'],
  ])('%s %s is no call, and a problem of this listener', async (method, path) => {
    const stack = await withBob();
    const answer = await ask(stack.port, path, { method, ...(method === 'POST' ? { body: {} } : {}) });
    expect([answer.status, answer.json['code']]).toEqual([404, 'local-route-unknown']);
    expect(answer.headers['content-type']).toMatch(/problem\+json/);
  });

  it('a GET of what is posted to', async () => {
    const stack = await withBob();
    const answer = await ask(stack.port, '/peers/bob/a2a/v1');
    expect([answer.status, answer.json['code']]).toEqual([405, 'local-method-unknown']);
    expect(answer.headers['allow']).toBe('POST');
  });
});

describe('the official client', () => {
  it('that knows the loopback address and nothing else reads the peer’s card, sends here and gets the reply', async () => {
    const listener = await startScriptedListener('127.0.0.2');
    const stack = await withBob({ peerPort: listener.port });
    stack.tailnet.peers = stack.tailnet.peers.map((node) => ({ ...node, ipv4: '127.0.0.2' }));
    const { origin } = listener;
    listener.answer = json(200, {
      name: 'bob',
      version: '1',
      supportedInterfaces: [{ url: `${origin}/a2a/v1`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
      skills: [
        { id: 'inbox', name: 'inbox', description: `to write to, at ${origin}/a2a/v1`, tags: ['message'] },
      ],
    });
    const here = `http://127.0.0.1:${stack.port}/peers/bob`;
    // As every relative address: without the slash it would be that of all peers.
    const { client, asked } = await officialClient(`${here}/`, { token: AGENT, from: '127.0.0.1' });
    const part = {
      content: { $case: 'text', value: 'hi' } as const,
      metadata: undefined,
      filename: '',
      mediaType: 'text/plain',
    };
    const answer = client.sendMessage({
      tenant: '',
      message: {
        ...{ messageId: 'sdk-1', contextId: '', taskId: '', role: Role.ROLE_USER, metadata: undefined },
        ...{ extensions: [], referenceTaskIds: [], parts: [part] },
      },
      configuration: undefined,
      metadata: undefined,
    });
    await expect.poll(() => sent(stack).length).toBe(1);
    stack.happen(sent(stack)[0]?.id as MessageId, { kind: 'replied', taskId: 't', reply: 'hello' });
    const { status, artifacts } = (await answer) as Task;
    expect(status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(artifacts[0]?.parts[0]?.content).toMatchObject({ value: 'hello' });
    expect(asked).toEqual([`${here}/.well-known/agent-card.json`, `${here}/a2a/v1`]);
  });
});
