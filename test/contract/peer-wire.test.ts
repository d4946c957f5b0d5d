/**
 * Both ends of the wire together, and each against the official A2A client: a message arrives under the sender's id
 * and its reply comes back, refusals arrive with their reason, and a client that knows nothing of this project can be
 * a peer.
 */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { Role, TaskState, type SendMessageResult, type Task } from '@a2a-js/sdk';
import { ClientFactory, JsonRpcTransportFactory } from '@a2a-js/sdk/client';
import { afterEach, describe, expect, it } from 'vitest';
import type { MessageId } from '../../src/core/message.ts';
import { AgentPeerError } from '../../src/errors.ts';
import { PLAIN, type Content } from '../../src/core/content.ts';
import type { ContextPart } from '../../src/core/context.ts';
import { createDigests } from '../../src/digests.ts';
import {
  ADDRESS,
  peerOf,
  startListener,
  TOKEN,
  type Listener,
  type ListenerOptions,
} from '../harness/peer-listener.ts';
import { createSender, outboxMessage } from '../harness/sending-peer.ts';

let listener: Listener | null = null;
afterEach(async () => {
  await listener?.server.close(0);
  listener = null;
});

async function start(options: ListenerOptions = {}): Promise<Listener> {
  listener = await startListener({ limits: { waitMs: 5000 }, ...options });
  return listener;
}
const echoing: ListenerOptions = {
  onWake: (inbox) => {
    const said = [...inbox.rows.values()].at(-1)?.text ?? '';
    setTimeout(() => inbox.finish({ state: 'replied', reply: `you said: ${said}` }), 30);
  },
};

describe('our transport and our listener', () => {
  it('carry a message over with a quick receipt, and then its reply', async () => {
    const { port, inbox } = await start(echoing);
    const { deliver } = createSender({ port });
    const receipt = await deliver({ text: 'héllo "world" \u2028 😀' });
    expect(receipt).toMatchObject({ kind: 'receipt' });
    const taskId = receipt.kind === 'receipt' ? receipt.taskId : '';
    const reply = await deliver({ text: 'héllo "world" \u2028 😀', state: 'accepted', taskId }, 1000);
    expect(reply).toEqual({ kind: 'replied', taskId, reply: 'you said: héllo "world" \u2028 😀' });
    expect([...inbox.rows.values()]).toMatchObject([{ messageId: 'm-1', conversation: 'ctx-1', hop: 0 }]);
  });

  it('agree on every ending and refusal', async () => {
    const { port, inbox, state, tailnet } = await start();
    const { deliver } = createSender({ port });
    for (const ending of ['failed', 'uncertain', 'expired'] as const) {
      const id = `m-${ending}` as never;
      await deliver({ id });
      inbox.finish({ state: ending });
      expect(await deliver({ id, state: 'accepted' }, 1000)).toMatchObject({ kind: ending });
    }
    expect(await deliver({ alias: 'nope' as never })).toMatchObject({
      kind: 'refused',
      reason: 'alias-not-granted',
    });
    expect(await deliver({ id: 'm-failed' as never, text: 'other' })).toMatchObject({
      reason: 'message-id-reused',
    });
    state.obstacle = 'stack-not-ready';
    expect(await deliver({})).toMatchObject({ kind: 'not-delivered' });
    tailnet.down = true;
    expect(await deliver({})).toMatchObject({ kind: 'not-delivered' });
    tailnet.down = false;
    state.peers = [peerOf('bob', 'revoked'), peerOf('carol')];
    expect(await deliver({})).toMatchObject({ kind: 'refused', reason: 'peer-revoked' });
  });

  it('agree on when to try again when the disk is full', async () => {
    const { port, inbox } = await start();
    inbox.broken = new AgentPeerError('storage-unavailable', 'the disk is full', 'Make room');
    const event = await createSender({ port }).deliver();
    expect(event).toMatchObject({ kind: 'not-delivered', retryAfterMs: 30_000 });
    expect(inbox.rows.size).toBe(0);
  });

  it('take a message back, unless the agent has begun with it', async () => {
    const { port, inbox, audit } = await start();
    const { deliver, transport } = createSender({ port });
    const signal = new AbortController().signal;
    const cancel = (id: string, taskId: string) =>
      transport.cancel(outboxMessage({ id: id as MessageId, state: 'accepted', taskId }), taskId, signal);
    const handOver = async (id: string) => {
      const receipt = await deliver({ id: id as MessageId });
      return receipt.kind === 'receipt' ? receipt.taskId : '';
    };
    const [first, second] = [await handOver('m-1'), await handOver('m-2')];
    expect(await cancel('m-1', first)).toEqual({ kind: 'cancelled' });
    expect(await cancel('m-1', first)).toEqual({ kind: 'cancelled' });
    expect(await deliver({ state: 'accepted', taskId: first }, 1000)).toEqual({
      kind: 'cancelled-there',
      taskId: first,
    });
    inbox.finish({ state: 'replied', reply: 'done' });
    expect(await cancel('m-2', second)).toEqual({ kind: 'refused', reason: 'task-not-cancelable' });
    expect(await cancel('m-3', 'no-such-task')).toEqual({ kind: 'refused', reason: 'task-unknown' });
    expect(audit.filter(({ reason }) => reason === 'cancelled')).toMatchObject([
      { peer: 'bob', messageId: 'm-1' },
      { peer: 'bob', messageId: 'm-1' },
    ]);
  });

  it('tell the sender of who calls only when it is who it says', async () => {
    const { port, url, heard, tailnet } = await start();
    await createSender({ port }).deliver();
    expect(new Set(heard)).toEqual(new Set(['bob']));
    heard.length = 0;
    await createSender({ port, localAddress: ADDRESS.carol }).deliver();
    const card = request(`${url}/.well-known/agent-card.json`, { localAddress: ADDRESS.bob, agent: false });
    const [answer] = (await once(card.end(), 'response')) as [IncomingMessage];
    expect([answer.statusCode, (await text(answer)).length > 0]).toEqual([200, true]);
    tailnet.peers = [];
    await createSender({ port }).deliver();
    expect(heard).toEqual([]);
  });

  it.each<[string, Content]>([
    ['a handoff', { kind: 'handoff', fields: { status: 'half', next: 'the rest' }, context: [] }],
    ['a kind without fields', { kind: 'insight', fields: {}, context: [] }],
    [
      'a delegation with context',
      {
        kind: 'delegation',
        fields: { doneWhen: 'the tests are green', deadlineSeconds: 7_200 },
        context: [
          { type: 'text', text: '# Notes\nhéllo 😀' },
          { type: 'json', value: { b: [1, null, 'x'], a: { deep: true } } },
          { type: 'json', value: null },
          { type: 'text', text: 'last' },
        ],
      },
    ],
    [
      'context alone, as much as there may be',
      {
        kind: 'message',
        fields: {},
        context: Array<ContextPart>(16).fill({ type: 'text', text: 'é'.repeat(2_048) }),
      },
    ],
  ])('carry %s, and know it when it comes again', async (_what, content) => {
    const { port, inbox } = await start();
    const { deliver } = createSender({ port });
    const first = await deliver({ content });
    expect(first).toMatchObject({ kind: 'receipt' });
    expect([...inbox.rows.values()]).toMatchObject([{ text: 'hello', content }]);
    expect(await deliver({ content })).toEqual(first);
    expect(inbox.rows.size).toBe(1);
  });

  it('tell a message from one that differs in what stands beside its text', async () => {
    const { port } = await start();
    const { deliver } = createSender({ port });
    const content: Content = { kind: 'review', fields: { artifact: 'PR 7' }, context: [] };
    await deliver({ content });
    for (const other of [
      PLAIN,
      { ...content, fields: { artifact: 'PR 8' } },
      { ...content, fields: {} },
      { ...content, context: [{ type: 'json', value: 7 }] },
    ] as Content[]) {
      expect(await deliver({ content: other })).toMatchObject({ reason: 'message-id-reused' });
    }
  });

  it('know a plain message by what a stack of before the kinds knew it by', async () => {
    const { port, inbox } = await start();
    await createSender({ port }).deliver();
    const [row] = inbox.rows.values();
    expect(row?.contentDigest).toBe(createDigests().text('["inbox","ctx-1","hello"]'));
  });

  it('carry the longest text and a reply near the limit', async () => {
    const reply = '\u0001'.repeat(150_000);
    const { port } = await start({ onWake: (inbox) => inbox.finish({ state: 'replied', reply }) });
    const { deliver } = createSender({ port });
    expect(await deliver({ text: 'é'.repeat(32 * 1024) })).toMatchObject({ kind: 'replied', reply });
  });
});

/** fetch from bob's address: the global one cannot choose where it calls from. */
const fetchAs =
  (token: string): typeof fetch =>
  async (input, init = {}) => {
    const headers = { ...Object.fromEntries(new Headers(init.headers)), authorization: `Bearer ${token}` };
    const url = input instanceof Request ? input.url : input;
    const call = request(url, { method: 'POST', headers, localAddress: ADDRESS.bob, agent: false });
    call.end(init.body);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    return new Response(await text(response), { status: response.statusCode ?? 0 });
  };

describe('the official A2A client', () => {
  const client = ({ url }: Listener, token: string = TOKEN.bob) =>
    new ClientFactory({
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the SDK declares its options as a class that nobody can make
      transports: [new JsonRpcTransportFactory({ fetchImpl: fetchAs(token) })],
    }).createFromAgentCard({
      name: 'alice',
      description: '',
      version: '1',
      supportedInterfaces: [
        { url: `${url}/a2a/v1/inbox`, protocolBinding: 'JSONRPC', tenant: '', protocolVersion: '1.0' },
      ],
      provider: undefined,
      capabilities: undefined,
      securitySchemes: {},
      securityRequirements: [],
      defaultInputModes: ['text/plain'],
      defaultOutputModes: ['text/plain'],
      skills: [],
      signatures: [],
    });
  const params = (returnImmediately: boolean) => ({
    tenant: '',
    message: {
      messageId: 'sdk-1',
      contextId: '',
      taskId: '',
      role: Role.ROLE_USER,
      parts: [
        {
          content: { $case: 'text' as const, value: 'hi' },
          metadata: undefined,
          filename: '',
          mediaType: 'text/plain',
        },
      ],
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
    },
    configuration: {
      acceptedOutputModes: ['text/plain'],
      taskPushNotificationConfig: undefined,
      historyLength: 0,
      returnImmediately,
    },
    metadata: undefined,
  });
  const isTask = (answer: SendMessageResult): answer is Task => 'status' in answer;

  it('sends, polls and reads the reply', async () => {
    const a2a = await client(await start(echoing));
    const sent = await a2a.sendMessage(params(true));
    expect(isTask(sent) && sent.status?.state).toBe(TaskState.TASK_STATE_SUBMITTED);
    const done = await a2a.sendMessage(params(false));
    expect(isTask(done) && done.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    const { id } = done as Task;
    const task = await a2a.getTask({ tenant: '', id, historyLength: 0 });
    expect(task.artifacts[0]?.parts[0]?.content).toEqual({ $case: 'text', value: 'you said: hi' });
  });

  it('understands our errors as the protocol’s own', async () => {
    const a2a = await client(await start());
    const unknownTask = a2a.getTask({ tenant: '', id: 'nope' });
    await expect(unknownTask).rejects.toMatchObject({ name: 'TaskNotFoundError', envelopeCode: -32001 });
    const cancel = a2a.cancelTask({ tenant: '', id: 'nope', metadata: undefined });
    await expect(cancel).rejects.toMatchObject({ name: 'TaskNotFoundError' });
    const thief = await client(listener as Listener, TOKEN.unknown);
    await expect(thief.sendMessage(params(true))).rejects.toMatchObject({ envelopeCode: -32000 });
  });
});

describe('another framework', () => {
  it('attaches data without knowing of us, and it arrives as context', async () => {
    const { url, inbox } = await start();
    const message = {
      messageId: 'f-1',
      role: 'ROLE_USER',
      parts: [
        { data: { ticket: 7 }, mediaType: 'application/json' },
        { text: 'please look', mediaType: 'text/markdown' },
        { data: ['a'], mediaType: 'application/vnd.example+json; charset=utf-8' },
        { text: 'at both' },
      ],
    };
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'SendMessage',
      params: { message, configuration: { returnImmediately: true } },
    });
    const response = await fetchAs(TOKEN.bob)(`${url}/a2a/v1`, {
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(await response.json()).toMatchObject({ result: { task: {} } });
    expect([...inbox.rows.values()]).toMatchObject([
      {
        text: 'please look\nat both',
        content: {
          kind: 'message',
          context: [
            { type: 'json', value: { ticket: 7 } },
            { type: 'json', value: ['a'] },
          ],
        },
      },
    ]);
  });
});

describe('stock OpenClaw’s A2A channel', () => {
  it('can send as it does: no version header, returnImmediately, one constant context', async () => {
    const { url, inbox } = await start();
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: '3f0e6c1e-52a0-4e7e-8d8c-3a1d6d5f2b11',
      method: 'SendMessage',
      params: {
        message: {
          messageId: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
          role: 'ROLE_USER',
          contextId: 'ctx-oc-alice',
          parts: [{ text: 'hello from openclaw' }],
        },
        configuration: { returnImmediately: true },
      },
    });
    const headers = { 'content-type': 'application/json' };
    const response = await fetchAs(TOKEN.bob)(`${url}/a2a/v1`, { headers, body });
    expect(response.status).toBe(200);
    const [row] = inbox.rows.values();
    expect(await response.json()).toMatchObject({
      result: { task: { id: row?.taskId, contextId: 'ctx-oc-alice' } },
    });
    expect(row).toMatchObject({ text: 'hello from openclaw', alias: 'inbox', hop: 0 });
  });
});
