/**
 * The bytes of the peer wire, as a stack of another version sends and reads them. Expected values are written out:
 * when one changes, two stacks of different versions may no longer understand each other.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { Content } from '../../src/core/content.ts';
import { requestBody } from '../../src/peer-transport/request-body.ts';
import { ADDRESS, send, startListener, TOKEN, type Listener } from '../harness/peer-listener.ts';
import { createSender, NOW, outboxMessage } from '../harness/sending-peer.ts';

let listener: Listener | null = null;
afterEach(async () => {
  await listener?.server.close(0);
  listener = null;
});

const REQUEST =
  '{"jsonrpc":"2.0","id":"m-1","method":"SendMessage","params":{"message":{"messageId":"m-1","contextId":"ctx-1",' +
  '"role":"ROLE_USER","parts":[{"text":"hello"}],"metadata":{"urn:agent-peer:message:1":{"hop":0,"ttlSeconds":3600}},' +
  '"extensions":["urn:agent-peer:message:1"]},"configuration":{"acceptedOutputModes":["text/plain"],' +
  '"returnImmediately":true}}}';

const DATE = /date: .*/i;
/** Task ids are random: shown as T. */
async function answerTo(body: string, how: Parameters<typeof send>[1] = {}) {
  listener ??= await startListener({ limits: { waitMs: 50 } });
  const answer = await send(listener.port, { body, ...how });
  const [id = 'no task'] = listener.inbox.rows.keys();
  return {
    head: answer.head.replace(DATE, 'Date: D').toLowerCase().split('\r\n'),
    body: answer.body.replaceAll(id, 'T'),
  };
}

const DELEGATION =
  '{"jsonrpc":"2.0","id":"m-1","method":"SendMessage","params":{"message":{"messageId":"m-1","contextId":"ctx-1",' +
  '"role":"ROLE_USER","parts":[{"text":"hello"},' +
  '{"text":"notes","metadata":{"urn:agent-peer:message:1":{"context":true}}},{"data":{"a":[1]}}],' +
  '"metadata":{"urn:agent-peer:message:1":{"hop":0,"ttlSeconds":3600,"kind":"delegation",' +
  '"fields":{"doneWhen":"it is green","deadlineSeconds":60}}},' +
  '"extensions":["urn:agent-peer:message:1"]},"configuration":{"acceptedOutputModes":["text/plain"],' +
  '"returnImmediately":true}}}';

describe('what our stack sends', () => {
  it('is this body for a message with a kind, fields and context', () => {
    const content: Content = {
      kind: 'delegation',
      fields: { doneWhen: 'it is green', deadlineSeconds: 60 },
      context: [
        { type: 'text', text: 'notes' },
        { type: 'json', value: { a: [1] } },
      ],
    };
    expect(requestBody(outboxMessage({ content }), NOW, true)).toBe(DELEGATION);
  });

  it('is this request', async () => {
    const { promise, resolve } = Promise.withResolvers<{ req: IncomingMessage; body: string }>();
    const peer = createServer((req, res) => {
      void text(req).then((body) => {
        resolve({ req, body });
        res.end('{}');
      });
    });
    peer.listen(0, ADDRESS.self);
    await once(peer, 'listening');
    const { port } = peer.address() as AddressInfo;
    await createSender({ port }).deliver();
    const { req, body } = await promise;
    peer.close();
    expect(body).toBe(REQUEST);
    expect([req.method, req.url]).toEqual(['POST', '/a2a/v1/inbox']);
    expect(req.headers).toEqual({
      host: `127.0.0.1:${port}`,
      connection: 'close',
      accept: 'application/json',
      'content-type': 'application/json',
      'content-length': '348',
      authorization: 'Bearer apt_bob-bob-bob-bob-bob-bob-bob-bob-bob-bob-bobbo',
      'a2a-version': '1.0',
      'a2a-extensions': 'urn:agent-peer:message:1',
    });
  });
});

describe('what our stack answers', () => {
  it('to a message: a receipt, and after the turn the reply', async () => {
    const receipt = await answerTo(REQUEST);
    expect(receipt.head).toEqual([
      'http/1.1 200 ok',
      'content-type: application/json',
      'cache-control: no-store',
      'x-content-type-options: nosniff',
      'content-length: 193',
      'date: d',
      'connection: close',
    ]);
    expect(receipt.body).toBe(
      '{"jsonrpc":"2.0","id":"m-1","result":{"task":{"id":"T","contextId":"ctx-1","status":' +
        '{"state":"TASK_STATE_SUBMITTED","timestamp":"2027-01-15T08:00:00.000Z"}}}}',
    );
    listener?.inbox.finish({ state: 'replied', reply: 'hi' });
    expect((await answerTo(REQUEST)).body).toBe(
      '{"jsonrpc":"2.0","id":"m-1","result":{"task":{"id":"T","contextId":"ctx-1","status":' +
        '{"state":"TASK_STATE_COMPLETED","timestamp":"2027-01-15T08:00:00.000Z"},' +
        '"artifacts":[{"artifactId":"reply","parts":[{"text":"hi"}]}]}}}',
    );
  });

  it.each([
    ['failed', 'TASK_STATE_FAILED', 'The receiving agent could not answer this message.'],
    [
      'uncertain',
      'TASK_STATE_FAILED',
      'It cannot be proved whether the receiving agent saw this message, so it was not run again.',
    ],
    ['expired', 'TASK_STATE_REJECTED', 'The message expired before the receiving agent could be reached.'],
  ] as const)('to a message that ended as %s', async (state, shown, words) => {
    await answerTo(REQUEST);
    listener?.inbox.finish({ state });
    expect((await answerTo(REQUEST)).body).toBe(
      `{"jsonrpc":"2.0","id":"m-1","result":{"task":{"id":"T","contextId":"ctx-1","status":{"state":"${shown}",` +
        '"message":{"messageId":"T:status","contextId":"ctx-1","taskId":"T","role":"ROLE_AGENT",' +
        `"parts":[{"text":"${words}"}],"metadata":{"urn:agent-peer:message:1":{"outcome":"${state}"}},` +
        '"extensions":["urn:agent-peer:message:1"]},"timestamp":"2027-01-15T08:00:00.000Z"}}}}',
    );
  });

  it('to a message that waits for a person, and to one that the person refused', async () => {
    await answerTo(REQUEST);
    const status = (state: string, words: string, fields: string) =>
      `{"jsonrpc":"2.0","id":"m-1","result":{"task":{"id":"T","contextId":"ctx-1","status":{"state":"${state}",` +
      '"message":{"messageId":"T:status","contextId":"ctx-1","taskId":"T","role":"ROLE_AGENT",' +
      `"parts":[{"text":"${words}"}],"metadata":{"urn:agent-peer:message:1":${fields}},` +
      '"extensions":["urn:agent-peer:message:1"]},"timestamp":"2027-01-15T08:00:00.000Z"}}}}';
    listener?.inbox.finish({ state: 'held', hold: 'turns-per-day' });
    expect((await answerTo(REQUEST)).body).toBe(
      status(
        'TASK_STATE_SUBMITTED',
        'A person at the receiving stack has to look at this message before its agent sees it.',
        '{"held":"turns-per-day"}',
      ),
    );
    listener?.inbox.finish({ state: 'refused', note: 'no' });
    expect((await answerTo(REQUEST)).body).toBe(
      status(
        'TASK_STATE_REJECTED',
        'A person at the receiving stack refused this message, or its reply. They say: no',
        '{"outcome":"refused","note":"no"}',
      ),
    );
  });

  it('to GetTask', async () => {
    await answerTo(REQUEST);
    const [id = ''] = listener?.inbox.rows.keys() ?? [];
    const getTask = `{"jsonrpc":"2.0","id":7,"method":"GetTask","params":{"id":"${id}"}}`;
    expect((await answerTo(getTask)).body).toBe(
      '{"jsonrpc":"2.0","id":7,"result":{"id":"T","contextId":"ctx-1","status":' +
        '{"state":"TASK_STATE_SUBMITTED","timestamp":"2027-01-15T08:00:00.000Z"}}}',
    );
  });

  it('to whom it does not know', async () => {
    const unknown = await answerTo(REQUEST, { token: TOKEN.unknown });
    expect(unknown.head).toEqual([
      'http/1.1 401 unauthorized',
      'content-type: application/json',
      'cache-control: no-store',
      'x-content-type-options: nosniff',
      'content-length: 272',
      'connection: close',
      'www-authenticate: bearer',
      'date: d',
    ]);
    expect(unknown.body).toBe(
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"This stack does not know you: no token, another ' +
        'token, or another node than the one it belongs to","data":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",' +
        '"reason":"unauthenticated","domain":"agent-peer"}]}}',
    );
  });

  it('to what A2A has and it has not', async () => {
    const streaming = await answerTo('{"jsonrpc":"2.0","id":1,"method":"SendStreamingMessage","params":{}}');
    expect(streaming.body).toBe(
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32004,"message":"This operation of A2A is not served here","data":[' +
        '{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"UNSUPPORTED_OPERATION","domain":"a2a-protocol.org"},' +
        '{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"operation-unsupported","domain":"agent-peer"}]}}',
    );
  });

  it('to GET /health', async () => {
    const health = { method: 'GET', path: '/health' };
    expect((await answerTo('', health)).body).toBe('{"status":"ok","version":"0.1.0","protocol":"1.0"}');
    expect((await answerTo('', { ...health, token: null })).body).toBe('{"status":"ok"}');
  });
});
