/**
 * The surfaces of the door as a peer meets them: a message can be taken back until it is begun, a tool client of the
 * gateway finds its own envelope, the agent card names that peer's aliases and the way to them, and what was granted
 * holds at the moment in which it is asked for.
 */
import { Role, TaskState, type Task } from '@a2a-js/sdk';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startDoor, type Door, type DoorOptions } from '../harness/door-ground.ts';
import { grantOf, type Caller } from '../harness/door-proxy.ts';
import { officialClient } from '../harness/official-client.ts';
import { callsOf, refusalIn, replyIn, stateIn, taskIn, type Calls } from '../harness/peer-calls.ts';
import { ADDRESS } from '../harness/peer-listener.ts';
import { createSender } from '../harness/sending-peer.ts';
import { ROOMY } from '../harness/budgets.ts';

const SECRETS = /secret|agent:|\/home/;

let door: Door;
let asBob: Caller;
let bob: Calls;
let carol: Calls;

async function open(options: DoorOptions = {}): Promise<void> {
  door = await startDoor(options);
  asBob = door.addPeer('bob', ADDRESS.bob);
  bob = callsOf(door.port, asBob);
  carol = callsOf(door.port, door.addPeer('carol', ADDRESS.carol));
  for (const alias of ['handoff', 'inbox']) door.grant('bob', alias);
  door.grant('carol', 'inbox');
}
const reopen = async (options: DoorOptions): Promise<void> => {
  await door.close();
  await open(options);
};
beforeEach(() => open());
afterEach(() => door.close());

const until = (work: () => void) => vi.waitFor(work, { timeout: 10_000, interval: 5 });
const begun = (turns: number) => until(() => expect(door.turns()).toHaveLength(turns));
const over = () => until(() => expect(door.store().inbox.open()).toEqual([]));
const taken = (messageId: string) =>
  until(() => expect(door.audit.map((line) => line.messageId)).toContain(messageId));

describe('CancelTask', () => {
  it('takes back a message that was not begun: it never runs, and who waits for it hears so', async () => {
    door.gate.open = false;
    const waits = bob.send('m-1');
    await taken('m-1');
    const { id } = taskIn(await bob.send('m-1', { now: true }));
    const cancelled = await bob.cancel(id);
    expect(taskIn(cancelled)).toMatchObject({ id, status: { state: 'TASK_STATE_CANCELED' } });
    expect(stateIn(await waits)).toBe('CANCELED');
    door.gate.open = true;
    expect(stateIn(await bob.send('m-2'))).toBe('COMPLETED');
    expect(door.turns()).toHaveLength(1);
  });

  it('finds it cancelled the second time, and so does the message when it is sent again', async () => {
    door.gate.open = false;
    const { id } = taskIn(await bob.send('m-1', { now: true }));
    const [first, second] = [await bob.cancel(id), await bob.rpc('tasks/cancel', { id })];
    expect([stateIn(first), second.body]).toEqual(['CANCELED', first.body]);
    expect(taskIn(await bob.send('m-1'))).toMatchObject({ id, status: { state: 'TASK_STATE_CANCELED' } });
    expect(stateIn(await bob.get(id))).toBe('CANCELED');
  });

  it('still holds after a restart of the proxy', async () => {
    door.gate.open = false;
    const { id } = taskIn(await bob.send('m-1', { now: true }));
    await bob.cancel(id);
    door.gate.open = true;
    await door.restart();
    expect(stateIn(await bob.get(id))).toBe('CANCELED');
    expect(stateIn(await bob.send('m-2'))).toBe('COMPLETED');
    expect(door.turns()).toHaveLength(1);
  });

  it('is too late for what the gateway has or had, and changes nothing about it', async () => {
    door.fake.hold();
    const waits = bob.send('m-1');
    await begun(1);
    const { id } = taskIn(await bob.send('m-1', { now: true }));
    expect(refusalIn(await bob.cancel(id))).toEqual([200, -32002, 'task-not-cancelable']);
    door.fake.release();
    expect(replyIn(await waits)).toContain('text of m-1');
    expect(refusalIn(await bob.cancel(id))).toEqual([200, -32002, 'task-not-cancelable']);
  });

  it('of another peer’s task is as of one that never was, and leaves it alone', async () => {
    door.gate.open = false;
    const { id } = taskIn(await bob.send('m-1', { now: true }));
    const [foreign, never] = [await carol.cancel(id), await carol.cancel('task-that-never-was')];
    expect(refusalIn(foreign)).toEqual([200, -32001, 'task-unknown']);
    expect(foreign.body).toBe(never.body);
    expect(stateIn(await bob.get(id))).toBe('SUBMITTED');
  });

  it('is an ending that the sender’s own stack understands', async () => {
    const { deliver, state } = createSender({ port: door.port() });
    state.token = asBob.token;
    door.gate.open = false;
    const receipt = await deliver();
    expect(receipt).toMatchObject({ kind: 'receipt' });
    const taskId = receipt.kind === 'receipt' ? receipt.taskId : '';
    await bob.cancel(taskId);
    expect(await deliver({ state: 'accepted', taskId }, 1000)).toEqual({ kind: 'cancelled-there', taskId });
  });
});

describe('POST /tools/invoke', () => {
  /** As the gateway writes it: the details, and the same as text. */
  const envelope = (details: object) =>
    JSON.stringify({
      ok: true,
      result: { content: [{ type: 'text', text: JSON.stringify(details, null, 2) }], details },
    });
  const detailsIn = ({ body }: { body: string }) =>
    (
      JSON.parse(body) as {
        result: { details: { runId: string; status: string; reply?: string; error?: string } };
      }
    ).result.details;
  const delivery = { status: 'skipped', mode: 'announce' };

  it('answers the reply in the gateway’s own envelope, with the alias where the session key stands', async () => {
    const answer = await bob.tool({ sessionKey: 'handoff', message: 'hello' });
    const { runId, reply } = detailsIn(answer);
    expect(answer.body).toBe(envelope({ runId, sessionKey: 'handoff', status: 'ok', delivery, reply }));
    expect(reply).toMatch(/^You said: [^]*hello/);
    expect(answer.status).toBe(200);
    expect(door.turns()).toEqual(['agent:main:secret-bob-handoff']);
    expect(taskIn(await bob.get(runId)).id).toBe(runId);
  });

  it('tells silence, an error, and a message that only was taken', async () => {
    await reopen({ gateway: { reply: (text) => (text.includes('fail') ? { fails: true } : 'NO_REPLY') } });
    const silent = await bob.tool({ sessionKey: 'inbox', message: 'hush' });
    const message = 'The receiving agent chose not to reply.';
    const { runId } = detailsIn(silent);
    expect(silent.body).toBe(envelope({ runId, sessionKey: 'inbox', status: 'no_reply', message }));

    const failed = await bob.tool({ sessionKey: 'inbox', message: 'please fail' });
    expect(detailsIn(failed)).toMatchObject({ status: 'error', sentBeforeError: true, sessionKey: 'inbox' });
    expect(failed.body).not.toMatch(SECRETS);

    door.gate.open = false;
    const taken = await bob.tool({ sessionKey: 'inbox', message: 'later', timeoutSeconds: 0 });
    expect(taken.body).toBe(
      envelope({
        runId: detailsIn(taken).runId,
        status: 'accepted',
        sessionKey: 'inbox',
        targetDisposition: 'queued',
        delivery,
      }),
    );
  });

  it('waits no longer than it was told to, and the message goes on', async () => {
    door.fake.hold();
    const answer = await bob.tool({ sessionKey: 'inbox', message: 'hello', timeoutSeconds: 1 });
    expect(detailsIn(answer).status).toBe('accepted');
    door.fake.release();
    await over();
    expect(replyIn(await bob.get(detailsIn(answer).runId))).toContain('hello');
  });

  it('tells who waits that the message was taken back', async () => {
    door.gate.open = false;
    const waits = bob.tool({ sessionKey: 'inbox', message: 'hello' });
    await until(() => expect(door.store().inbox.open()).toHaveLength(1));
    await bob.cancel(door.store().inbox.open()[0]?.taskId ?? '');
    expect(detailsIn(await waits)).toMatchObject({
      status: 'error',
      error: 'The message was cancelled before the receiving agent saw it.',
    });
  });

  it('takes each call as a message of its own', async () => {
    const [a, b] = [1, 2].map(() => bob.tool({ sessionKey: 'inbox', message: 'same' }));
    expect(detailsIn(await (a as Promise<never>)).runId).not.toBe(
      detailsIn(await (b as Promise<never>)).runId,
    );
    expect(door.turns()).toHaveLength(2);
  });

  it('reads an agent id as part of the name of the session: a wrong one is one that was not granted', async () => {
    const named = (agentId: string) => bob.tool({ sessionKey: 'inbox', message: 'hello', agentId });
    expect(detailsIn(await named('main')).status).toBe('ok');
    const nowhere = await bob.tool({ sessionKey: 'nowhere', message: 'hello' });
    for (const agentId of ['other', 'MAIN', 'main ', 'secret-bob-inbox', '*']) {
      const answer = await named(agentId);
      expect([answer.status, answer.body], agentId).toEqual([403, nowhere.body]);
    }
    expect(refusalIn(nowhere)).toEqual([403, undefined, 'alias-not-granted']);
    expect(door.turns()).toHaveLength(1);
  });

  const args = { sessionKey: 'inbox', message: 'hello' };
  it.each<[string, object, number, string]>([
    ['another tool', { tool: 'sessions_list', args }, 404, 'tool-unknown'],
    ['a tool with a space', { tool: ' sessions_send', args }, 404, 'tool-unknown'],
    ['the gateway’s other name for the tool', { name: 'sessions_send', args }, 400, 'params-invalid'],
    ['both names', { tool: 'sessions_send', name: 'exec', args }, 400, 'params-invalid'],
    ['a caller’s own session', { tool: 'sessions_send', sessionKey: 'inbox', args }, 400, 'params-invalid'],
    ['an action', { tool: 'sessions_send', action: 'run', args }, 400, 'params-invalid'],
    ['no arguments', { tool: 'sessions_send' }, 400, 'params-invalid'],
  ])('refuses %s', async (_what, request, status, told) => {
    const answer = await bob.ask({ path: '/tools/invoke', body: JSON.stringify(request) });
    expect(refusalIn(answer)).toEqual([status, undefined, told]);
    expect(JSON.parse(answer.body)).toMatchObject({ ok: false, error: { type: told } });
    expect(door.store().inbox.list(10)).toEqual([]);
  });

  it.each<[string, object]>([
    ['a label', { label: 'inbox' }],
    ['a snake-case twin', { session_key: 'handoff' }],
    ['a way to steer', { mode: 'steer' }],
    ['a watch', { watch: true }],
    ['a time that is text', { timeoutSeconds: '1' }],
    ['a negative time', { timeoutSeconds: -1 }],
    ['a second text', { text: 'other' }],
  ])('refuses %s beside good arguments', async (_what, more) => {
    const answer = await bob.tool({ sessionKey: 'inbox', message: 'hello', ...more });
    expect(refusalIn(answer)).toEqual([400, undefined, 'params-invalid']);
    expect(door.store().inbox.list(10)).toEqual([]);
  });

  it('refuses an empty text as a bad argument', async () => {
    const answer = await bob.tool({ sessionKey: 'inbox', message: ' \n' });
    expect(refusalIn(answer)).toEqual([400, undefined, 'text-empty']);
  });
});

describe('GET /.well-known/agent-card.json', () => {
  const CARD = { method: 'GET', path: '/.well-known/agent-card.json' };
  interface Card {
    readonly name: string;
    readonly skills?: readonly { readonly id: string; readonly description: string }[];
    readonly supportedInterfaces?: readonly { readonly url: string }[];
    readonly signatures?: unknown;
  }
  const cardIn = ({ body }: { body: string }) => JSON.parse(body) as Card;
  const aliasesIn = (answer: { body: string }) => cardIn(answer).skills?.map(({ id }) => id) ?? [];

  it('names that peer’s aliases, the default first, and our own address whatever the request says', async () => {
    const answer = await bob.ask({
      ...CARD,
      token: null,
      headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' },
    });
    expect(answer.status).toBe(200);
    expect(aliasesIn(answer)).toEqual(['inbox', 'handoff']);
    expect(cardIn(answer).supportedInterfaces?.map(({ url }) => url)).toEqual([`${door.url()}/a2a/v1`]);
    expect(cardIn(answer).skills?.map(({ description }) => / at (\S+)$/.exec(description)?.[1])).toEqual([
      `${door.url()}/a2a/v1`,
      `${door.url()}/a2a/v1/handoff`,
    ]);
    expect(answer.body).not.toMatch(/evil|secret|agent:/);
    expect(cardIn(answer).signatures ?? []).toEqual([]);
    expect(aliasesIn(await carol.ask(CARD))).toEqual(['inbox']);
  });

  it('goes by the node: a token of another peer, or none, makes no difference', async () => {
    const plain = await bob.ask({ ...CARD, token: null });
    for (const token of [asBob.token, `${asBob.token}x`]) {
      expect((await bob.ask({ ...CARD, token })).body).toBe(plain.body);
    }
    expect(aliasesIn(await carol.ask({ ...CARD, token: asBob.token }))).toEqual(['inbox']);
  });

  it('is as good as not there for any other node, with whatever token', async () => {
    const answers = [
      await bob.ask({ ...CARD, from: ADDRESS.stranger }),
      await bob.ask({ ...CARD, from: ADDRESS.stranger, token: null }),
      await bob.ask({ ...CARD, from: ADDRESS.self }),
      await bob.ask({ method: 'POST', path: '/a2a/v1/handoff', token: null, body: '{}' }),
    ];
    const bytes = answers.map(({ head, body }) => head.replace(/Date: .*/, '') + body);
    expect(new Set(bytes).size).toBe(1);
    expect(answers[0]?.status).toBe(401);
  });

  it('lists what is granted now', async () => {
    const now = door.clock.now();
    door.grant('bob', 'brief', { expiresAt: now + 1000 });
    door.grant('bob', 'empty', { operations: [] });
    expect(aliasesIn(await bob.ask(CARD))).toEqual(['inbox', 'brief', 'handoff']);
    door.clock.advance(1000);
    expect(aliasesIn(await bob.ask(CARD))).toEqual(['inbox', 'handoff']);
  });

  it('is enough for the official client to send a message and read the reply', async () => {
    const { client, card, asked } = await officialClient(door.url(), asBob);
    expect(card.skills.map(({ id }) => id)).toEqual(['inbox', 'handoff']);
    const answer = await client.sendMessage({
      tenant: '',
      message: {
        ...{ messageId: 'sdk-1', contextId: '', taskId: '', role: Role.ROLE_USER, metadata: undefined },
        ...{ extensions: [], referenceTaskIds: [] },
        parts: [
          {
            content: { $case: 'text', value: 'hi' },
            metadata: undefined,
            filename: '',
            mediaType: 'text/plain',
          },
        ],
      },
      configuration: undefined,
      metadata: undefined,
    });
    const { status, artifacts } = answer as Task;
    expect(status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(artifacts[0]?.parts[0]?.content).toMatchObject({ value: expect.stringContaining('hi') as string });
    expect(door.turns()).toEqual(['agent:main:secret-bob-inbox']);
    expect(asked).toEqual([`${door.url()}/.well-known/agent-card.json`, `${door.url()}/a2a/v1`]);
  });
});

describe('what was granted', () => {
  it('to write alone gets a receipt at once, and never more', async () => {
    door.grant('bob', 'inbox', { operations: ['message-send'] });
    const first = await bob.send('m-1');
    expect(stateIn(first)).toBe('SUBMITTED');
    await over();
    const again = await bob.send('m-1');
    expect([taskIn(again).id, stateIn(again), replyIn(again)]).toEqual([
      taskIn(first).id,
      'SUBMITTED',
      undefined,
    ]);
    expect(refusalIn(await bob.get(taskIn(first).id))).toEqual([403, -32000, 'operation-not-granted']);
    const tool = await bob.tool({ sessionKey: 'inbox', message: 'hello' });
    expect(JSON.parse(tool.body)).toMatchObject({ result: { details: { status: 'accepted' } } });
    expect(tool.body).not.toContain('You said');
  });

  it('and is taken away while a sender waits is not answered any more', async () => {
    door.fake.hold();
    const waits = [bob.send('m-1'), bob.tool({ sessionKey: 'inbox', message: 'hello' })] as const;
    await begun(1);
    door.grant('bob', 'inbox', { operations: ['message-send', 'task-cancel'] });
    door.fake.release();
    const [byA2a, byTool] = await Promise.all(waits);
    expect([stateIn(byA2a), replyIn(byA2a)]).toEqual(['SUBMITTED', undefined]);
    expect(byA2a.body + byTool.body).not.toContain('You said');
  });

  it('and runs out is over for waiting and reading, while the message still is answered on our side', async () => {
    door.grant('bob', 'inbox', { expiresAt: door.clock.now() + 1000 });
    door.fake.hold();
    const waits = bob.send('m-1');
    await begun(1);
    const { id } = taskIn(await bob.send('m-1', { now: true }));
    door.clock.advance(1000);
    door.fake.release();
    const answer = await waits;
    expect(refusalIn(answer)).toEqual([403, -32000, 'grant-expired']);
    expect(answer.body).not.toContain('You said');
    expect(refusalIn(await bob.get(id))).toEqual([403, -32000, 'grant-expired']);
    expect(refusalIn(await bob.cancel(id))).toEqual([403, -32000, 'grant-expired']);
    expect(door.store().inbox.list(1)).toMatchObject([{ state: 'replied' }]);
  });

  it('and now leads to another session does not move what was taken before', async () => {
    door.gate.open = false;
    await bob.send('m-1', { now: true });
    door.grant('bob', 'inbox', { sessionKey: grantOf('bob', 'elsewhere').sessionKey });
    door.gate.open = true;
    await over();
    await bob.send('m-2');
    expect(door.turns()).toEqual(['agent:main:secret-bob-inbox', 'agent:main:secret-bob-elsewhere']);
  });
});

describe('a message that comes again', () => {
  it('finds its task while no new one can be taken because the gateway is not paired', async () => {
    const { id } = taskIn(await bob.send('m-1'));
    door.state.obstacle = 'stack-not-ready';
    const again = await bob.send('m-1');
    expect([taskIn(again).id, stateIn(again)]).toEqual([id, 'COMPLETED']);
    expect(refusalIn(await bob.send('m-2'))).toEqual([503, -32000, 'stack-not-ready']);
    expect(refusalIn(await bob.tool({ sessionKey: 'inbox', message: 'x' }))).toEqual([
      503,
      undefined,
      'stack-not-ready',
    ]);
  });

  it('finds its task when all of a minute’s messages are used up, also after a restart', async () => {
    await reopen({ policyLimits: { sendsPerMinute: 2, totalSendsPerMinute: 3, budgets: ROOMY } });
    const { id } = taskIn(await bob.send('m-1'));
    await bob.send('m-2', { path: '/a2a/v1/handoff' });
    await door.restart();
    const refused = await bob.send('m-3');
    expect(refusalIn(refused)).toEqual([429, -32000, 'sends-exceeded']);
    expect(refused.head).toMatch(/\r\nretry-after: \d+/i);
    expect(taskIn(await bob.send('m-1')).id).toBe(id);

    expect(stateIn(await carol.send('c-1'))).toBe('COMPLETED');
    expect(refusalIn(await carol.send('c-2'))).toEqual([503, -32000, 'total-sends-exceeded']);
    door.clock.advance(60_000);
    expect(stateIn(await bob.send('m-3'))).toBe('COMPLETED');
    expect(door.turns()).toHaveLength(4);
  });
});
