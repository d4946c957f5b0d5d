/**
 * A peer that does not keep the rules: it never answers, answers garbage or far too much, for another message or another
 * task, an answer of before, or two at once. The real sender over a real store and real sockets.
 *
 * - What is no answer to a message decides nothing about it: it is offered and asked for again, under the same id and with
 *   the same text, and what the peer has it has once.
 * - When the peer keeps the rules again, every message gets its own reply.
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ConversationId } from '../../src/core/message.ts';
import { createPeerTransport } from '../../src/peer-transport/a2a-transport.ts';
import { fakeTailnet, tailnetNode, tailnetState } from '../harness/fake-tailnet.ts';
import { ADDRESS } from '../harness/peer-listener.ts';
import { BOB, samplePeer } from '../harness/samples.ts';
import { add, ground, startSender, type Ground } from '../harness/sender-ground.ts';
import { systemClock } from '../../src/system.ts';

interface Request {
  readonly id: string;
  readonly params: {
    readonly message: { readonly messageId: string; readonly parts: readonly [{ readonly text: string }] };
    readonly configuration: { readonly returnImmediately?: boolean };
  };
}

type Answer = (res: ServerResponse, request: Request, before: string | null) => void;

const result = (id: string, state: string, reply: string | null, taskId = `task of ${id}`) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    result: {
      task: {
        id: taskId.replaceAll(' ', '-'),
        status: { state: `TASK_STATE_${state}` },
        ...(reply === null ? {} : { artifacts: [{ parts: [{ text: reply }] }] }),
      },
    },
  });

/** As a peer that keeps the rules answers: a receipt first, then the reply. */
const own = ({ id, params }: Request): string =>
  params.configuration.returnImmediately === true
    ? result(id, 'SUBMITTED', null)
    : result(id, 'COMPLETED', `reply to ${params.message.parts[0].text}`);

const ASIDE: Readonly<Record<string, Answer>> = {
  'accepts and never answers': () => undefined,
  'goes away in the middle of its answer': (res, request) => {
    res.writeHead(200, { 'content-length': '1000' });
    res.write(own(request).slice(0, 40), () => res.destroy());
  },
  'takes the message and loses the receipt': (res) => res.destroy(),
  'answers garbage': (res) => void res.end(Buffer.from([0x00, 0xff, 0xfe, 0x7b, 0x80])),
  'answers what is no HTTP': (res) => void res.socket?.end('\x16\x03\x01 hello'),
  'answers 10 MB': (res, request) => void res.end(`${' '.repeat(10_000_000)}${own(request)}`),
  'answers to another request': (res) => void res.end(result('another', 'COMPLETED', 'stolen')),
  'answers for another task': (res, request) =>
    void res.end(
      request.params.configuration.returnImmediately === true
        ? own(request)
        : result(request.id, 'COMPLETED', 'stolen', 'of another'),
    ),
  'replays its last answer': (res, request, before) => void res.end(before ?? own(request)),
  'answers twice in one body': (res, request) =>
    void res.end(own(request) + result(request.id, 'FAILED', null)),
  'answers with an unknown state': (res, { id }) => void res.end(result(id, 'TELEPORTED', 'stolen')),
  'answers an error of another request': (res) =>
    void res.writeHead(400).end('{"jsonrpc":"2.0","id":"another","error":{"code":-32602,"message":"x"}}'),
};

/** What it has, by message id; how it answers is the test's. */
async function startPeer() {
  const has = new Map<string, Set<string>>();
  const script = { answer: null as Answer | null, answered: 0, before: null as string | null };
  const server = createServer((req, res) => {
    void json(req).then((body) => {
      const request = body as Request;
      const { messageId, parts } = request.params.message;
      has.set(messageId, (has.get(messageId) ?? new Set<string>()).add(parts[0].text));
      script.answered += 1;
      if (script.answer === null) res.end(own(request));
      else script.answer(res, request, script.before);
      script.before ??= own(request);
    });
  });
  server.listen(0, ADDRESS.self);
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { has, script, port: (server.address() as AddressInfo).port };
}

const SENT = ['a1', 'a2', 'b1'] as const;

async function withMessages() {
  const g = ground(systemClock);
  const peer = await startPeer();
  const node = tailnetNode(samplePeer(BOB).nodeId, ADDRESS.self);
  const transport = createPeerTransport({
    tailnet: fakeTailnet(tailnetState(tailnetNode('nself', ADDRESS.bob), [node])),
    peers: g.store.peers,
    localAddress: ADDRESS.bob,
    port: peer.port,
    log: g.log,
    limits: { connectMs: 200, answerMs: 300, peerWaitMs: 100 },
  });
  for (const id of SENT) add(g, id, { conversation: `talk ${id[0]}` as ConversationId });
  return { g, peer, transport };
}

/** Everything on both sides, by id and content. */
const bothEnds = (g: Ground, has: ReadonlyMap<string, ReadonlySet<string>>) => ({
  here: SENT.map((id) => {
    const message = g.store.outbox.find(id);
    return [id, message?.state, message?.reply ?? null];
  }),
  there: [...has].map(([id, texts]) => [id, [...texts]]).sort(),
});

describe('a peer that', () => {
  it.each(Object.keys(ASIDE))(
    '%s decides nothing, and each message gets its own reply afterwards',
    async (aside) => {
      const { g, peer, transport } = await withMessages();
      peer.script.answer = ASIDE[aside] ?? null;
      const sender = startSender(g, { transport, waitMs: 100, askPauseMs: 0 });
      await vi.waitFor(
        () => {
          sender.wake(BOB);
          expect(peer.script.answered).toBeGreaterThanOrEqual(6);
        },
        { timeout: 10_000, interval: 30 },
      );
      const meanwhile = SENT.map((id) => g.store.outbox.find(id));
      expect(meanwhile.map((message) => message?.reply ?? null)).not.toContain('stolen');
      expect(
        meanwhile.filter((message) => !['queued', 'accepted', 'answered'].includes(message?.state ?? '')),
      ).toEqual([]);

      peer.script.answer = null;
      await vi.waitFor(
        () => {
          sender.wake(BOB);
          expect(bothEnds(g, peer.has)).toEqual({
            here: SENT.map((id) => [id, 'answered', `reply to text of ${id}`]),
            there: SENT.map((id) => [id, [`text of ${id}`]]),
          });
        },
        { timeout: 10_000, interval: 30 },
      );
      await sender.stop();
      const tries = SENT.map((id) => g.store.outbox.find(id)?.attempts ?? 0);
      expect(tries.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(peer.script.answered);
    },
  );

  it('answers late, when another attempt is long under way, is heard once', async () => {
    const { g, peer, transport } = await withMessages();
    const late: (() => void)[] = [];
    peer.script.answer = (res, request) => void late.push(() => void res.end(own(request)));
    const sender = startSender(g, { transport, waitMs: 100, askPauseMs: 0 });
    const nudge = setInterval(() => sender.wake(BOB), 30);
    onTestFinished(() => clearInterval(nudge));
    await vi.waitFor(() => expect(late.length).toBeGreaterThanOrEqual(4), { timeout: 10_000 });
    peer.script.answer = null;
    for (const answer of late.reverse()) answer();
    await vi.waitFor(
      () =>
        expect(bothEnds(g, peer.has)).toEqual({
          here: SENT.map((id) => [id, 'answered', `reply to text of ${id}`]),
          there: SENT.map((id) => [id, [`text of ${id}`]]),
        }),
      { timeout: 10_000 },
    );
    expect(g.changes.filter((change) => change.endsWith(' answered')).sort()).toEqual(
      SENT.map((id) => `${id} answered`),
    );
  });
});
