/**
 * One attempt towards an OpenClaw's own A2A channel, which takes the same message twice for two: it is offered only where the
 * channel has just answered, and what may have come is never told as not delivered.
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TaskId } from '../../src/core/message.ts';
import { ADDRESS, TOKEN } from '../harness/peer-listener.ts';
import { createSender } from '../harness/sending-peer.ts';

interface Rpc {
  readonly id: string;
  readonly method: 'GetTask' | 'SendMessage';
  readonly params: object;
}

/** A result or an error, a status, or nothing but the end of the connection. */
type Said = object | number | 'nothing';

const task = (state: string, more: object = {}) => ({
  id: 'task-1',
  status: { state: `TASK_STATE_${state}` },
  ...more,
});
const artifacts = [{ artifactId: 'a', parts: [{ text: 'hi there' }] }];
const failure = (code: number, message: string) => ({ error: { code, message } });
const NOT_FOUND = failure(-32_001, 'Task not found');
const RATE_LIMITED = failure(-32_000, 'Peer is rate limited');
const TAKEN = { result: { task: task('WORKING') } };

let said: Record<Rpc['method'], Said> = { GetTask: NOT_FOUND, SendMessage: TAKEN };
let seen: { readonly url: string | undefined; readonly body: Rpc }[] = [];

function say(response: ServerResponse, id: string, what: Said): void {
  if (what === 'nothing') response.destroy();
  else if (typeof what === 'number') response.writeHead(what).end('{}');
  else response.end(JSON.stringify({ jsonrpc: '2.0', id, ...what }));
}

const gateway = createServer((request, response) => {
  void (async () => {
    const body = (await json(request)) as Rpc;
    seen.push({ url: request.url, body });
    say(response, body.id, said[body.method]);
  })();
});
let port = 0;
beforeAll(async () => {
  gateway.listen(0, ADDRESS.self);
  await once(gateway, 'listening');
  port = (gateway.address() as AddressInfo).port;
});
afterEach(() => {
  seen = [];
});
afterAll(() => {
  gateway.closeAllConnections();
  gateway.close();
});

function stock(at = port) {
  const sender = createSender({ port: 1, limits: { connectMs: 2_000, answerMs: 2_000 } });
  sender.state.replies = { mode: 'send-back', port: at };
  return sender;
}

const OPEN = { state: 'accepted', taskId: 'task-1' } as const;
const methods = () => seen.map(({ body }) => body.method);

describe('a message to a stock peer', () => {
  it('goes to its one address, at its own port, as the channel reads it', async () => {
    said = { GetTask: NOT_FOUND, SendMessage: TAKEN };
    const fields = { artifact: 'src/main.ts', deadlineSeconds: 7_200 };
    const context = [{ type: 'json', value: { a: 1 } } as const];
    const content = { kind: 'review', fields, context } as const;
    expect(await stock().deliver({ content })).toEqual({ kind: 'receipt', taskId: 'task-1' });
    expect(methods()).toEqual(['GetTask', 'SendMessage']);
    expect(seen.map(({ url }) => url)).toEqual(['/a2a/v1', '/a2a/v1']);
    const text = 'hello\n\nWhat to look at: src/main.ts\nDue within 2 h';
    expect(seen[1]?.body.params).toEqual({
      message: {
        messageId: 'm-1',
        contextId: 'ctx-1',
        role: 'ROLE_USER',
        parts: [{ text }, { data: { a: 1 } }],
      },
      configuration: { returnImmediately: true },
    });
  });

  it('that is a reply is over when it is there, whatever is said to it', async () => {
    const inReplyTo = 'task-of-theirs' as TaskId;
    for (const state of ['WORKING', 'COMPLETED']) {
      said = { GetTask: NOT_FOUND, SendMessage: { result: { task: task(state, { artifacts }) } } };
      expect(await stock().deliver({ inReplyTo })).toEqual({
        kind: 'replied',
        taskId: 'task-1',
        reply: null,
      });
    }
  });

  it.each<[string, Said, object]>([
    ['is rate limited', RATE_LIMITED, { kind: 'not-delivered', retryAfterMs: 30_000 }],
    ['has its channel off', 404, { kind: 'not-delivered' }],
    ['is behind something that is busy', 503, { kind: 'not-delivered' }],
    ['takes a connection and ends it', 'nothing', { kind: 'not-delivered' }],
    ['does not know our token', 401, { kind: 'refused' }],
  ])('is not offered to one that %s', async (_what, answer, expected) => {
    said = { GetTask: answer, SendMessage: TAKEN };
    const event = await stock().deliver();
    expect(event).toMatchObject(expected);
    expect(methods()).toEqual(['GetTask']);
    expect(JSON.stringify(event)).not.toContain(TOKEN.bob);
  });

  it.each<[string, Record<Rpc['method'], Said>]>([
    ['our token is not known', { GetTask: 401, SendMessage: TAKEN }],
    ['our token is not known any more', { GetTask: NOT_FOUND, SendMessage: 403 }],
  ])('that is a reply waits where %s: nobody would hear that it was refused', async (_what, answers) => {
    said = answers;
    const inReplyTo = 'task-of-theirs' as TaskId;
    expect(await stock().deliver({ inReplyTo })).toMatchObject({ kind: 'not-delivered' });
  });

  it('waits where nobody listens', async () => {
    expect(await stock(1).deliver()).toMatchObject({ kind: 'not-delivered' });
  });

  it.each<[string, Said, string]>([
    ['nothing', 'nothing', 'uncertain'],
    ['what is no answer', 502, 'uncertain'],
    ['that it could not be processed', failure(-32_000, 'A2A request could not be processed'), 'uncertain'],
    ['that it is rate limited', RATE_LIMITED, 'not-delivered'],
    ['that it is malformed', failure(-32_602, 'Invalid SendMessage params'), 'refused'],
    ['that it was rejected', { result: { task: task('REJECTED') } }, 'refused'],
  ])('that is offered and answered with %s: %j is %s', async (_what, answer, expected) => {
    said = { GetTask: NOT_FOUND, SendMessage: answer };
    expect((await stock().deliver()).kind).toBe(expected);
  });

  it('is asked for by its task, and never sent again', async () => {
    said = { GetTask: { result: task('WORKING') }, SendMessage: 'nothing' };
    expect(await stock().deliver(OPEN, 1_000)).toEqual({ kind: 'receipt', taskId: 'task-1' });
    said = { GetTask: { result: task('COMPLETED', { artifacts }) }, SendMessage: 'nothing' };
    const reply = 'hi there';
    expect(await stock().deliver(OPEN, 1_000)).toEqual({ kind: 'replied', taskId: 'task-1', reply });
    expect(methods()).toEqual(['GetTask', 'GetTask']);
  });

  it.each<[string, Said, string]>([
    ['is forgotten', NOT_FOUND, 'uncertain'],
    ['cannot be asked for in this minute', RATE_LIMITED, 'not-delivered'],
    ['has too long a reply', failure(-32_000, 'A2A response exceeds the 1 MiB limit'), 'failed'],
    ['is asked for with a token that is not good any more', 401, 'not-delivered'],
    ['is asked for in vain', 'nothing', 'not-delivered'],
  ])('that is there and %s: %j is %s', async (_what, answer, expected) => {
    said = { GetTask: answer, SendMessage: 'nothing' };
    expect((await stock().deliver(OPEN, 1_000)).kind).toBe(expected);
  });
});
