/**
 * The bytes of `POST /pair`, as a stack of another version sends and reads them. Expected values are written out: when
 * one changes, two stacks of different versions may no longer become peers, or lose each other while tokens are changed.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import type { NodeId, PeerName } from '../../src/core/peer.ts';
import { createDigests } from '../../src/digests.ts';
import { NO_FAULTS } from '../../src/pairing/fault-points.ts';
import { createPairingResponder } from '../../src/pairing/responder.ts';
import { createPairTransport } from '../../src/peer-transport/pair-transport.ts';
import type { PairRequest } from '../../src/ports/pairing.ts';
import { systemRandom } from '../../src/system.ts';
import { fakeTailnet, tailnetNode, tailnetState } from '../harness/fake-tailnet.ts';
import { createMemoryLog } from '../harness/memory-log.ts';
import { ADDRESS, peerOf, send, startListener, TOKEN } from '../harness/peer-listener.ts';
import { sampleGrant, sampleInvite } from '../harness/samples.ts';
import { tempStore } from '../harness/temp-store.ts';

const NOW = 1_800_000_000_000;
const clock = { now: () => NOW };
const digests = createDigests();
const SECRET = 'kQ3v8sT1mZ9xY2bN4cL7pA';
const A_TOKEN = 'apt_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ';

const CLAIM =
  '{"type":"claim","secret":"kQ3v8sT1mZ9xY2bN4cL7pA","token":"apt_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",' +
  '"offers":["inbox","reports"],"confirmed":true}';
const NEWS = '{"type":"news","confirmed":true,"ready":false}';
const ROTATE = '{"type":"rotate","token":"apt_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"}';

describe('what our stack sends to become a peer', () => {
  const offers = ['inbox' as Alias, 'reports' as Alias];
  const bearer = { authorization: `Bearer ${TOKEN.bob}` };

  it.each<[string, PairRequest, string | null, string, object]>([
    [
      'a claim',
      { type: 'claim', secret: SECRET, token: A_TOKEN, offers, confirmed: true },
      null,
      CLAIM,
      { 'content-length': '154' },
    ],
    [
      'news',
      { type: 'news', confirmed: true, ready: false },
      TOKEN.bob,
      NEWS,
      { ...bearer, 'content-length': '46' },
    ],
    [
      'a new token',
      { type: 'rotate', token: A_TOKEN },
      TOKEN.bob,
      ROTATE,
      { ...bearer, 'content-length': '75' },
    ],
  ])('is, for %s, this request', async (_, request, token, expected, headers) => {
    const { promise, resolve } = Promise.withResolvers<{ req: IncomingMessage; body: string }>();
    const peer = createServer((req, res) => {
      void text(req).then((body) => {
        resolve({ req, body });
        res.end('{}');
      });
    });
    peer.listen(0, ADDRESS.self);
    onTestFinished(() => void peer.close());
    await once(peer, 'listening');
    const { port } = peer.address() as AddressInfo;
    const nodes = [tailnetNode('nself', ADDRESS.self)];
    const tailnet = fakeTailnet(tailnetState(tailnetNode('nbob', ADDRESS.bob), nodes));
    const transport = createPairTransport({ tailnet, localAddress: ADDRESS.bob, port });
    await transport.send('nself' as NodeId, token, request, new AbortController().signal);
    const { req, body } = await promise;
    expect(body).toBe(expected);
    expect([req.method, req.url, req.headers]).toEqual([
      'POST',
      '/pair',
      {
        host: `127.0.0.1:${port}`,
        connection: 'close',
        accept: 'application/json',
        'content-type': 'application/json',
        ...headers,
      },
    ]);
  });
});

/** The listener of a stack with one open invite, for a peer that it calls dave. Bob is one already. */
async function answering() {
  const store = tempStore(clock);
  const dave = { peer: 'dave' as PeerName };
  const grants = [sampleGrant(dave), sampleGrant({ ...dave, alias: 'plans' as Alias })];
  const times = { createdAt: NOW, expiresAt: NOW + 60_000 };
  store.pairings.addInvite(
    sampleInvite('i', { ...dave, ...times, grants, secretDigest: digests.token(SECRET), confirmed: true }),
  );
  store.peers.addPeer(peerOf('bob'));
  const nodes = [tailnetNode('ndave', ADDRESS.stranger)];
  const pairing = createPairingResponder(
    {
      ...{ peers: store.peers, pairings: store.pairings, digests, clock, random: systemRandom },
      tailnet: fakeTailnet(tailnetState(tailnetNode('nself', ADDRESS.self), nodes)),
      transport: { send: () => Promise.resolve({ kind: 'unreachable', detail: '' }) },
      log: createMemoryLog(),
      port: 8080,
      defaultAgent: () => Promise.resolve(null),
      onChanged: () => undefined,
      reach: NO_FAULTS,
    },
    () => undefined,
  );
  const listener = await startListener({ pairing });
  listener.tailnet.peers.push(...nodes);
  onTestFinished(() => listener.server.close(0));
  const asDave = { path: '/pair', token: null, from: ADDRESS.stranger };
  return {
    toDave: (body: string) => send(listener.port, { ...asDave, body }),
    toBob: (body: string) => send(listener.port, { path: '/pair', body }),
  };
}

const NEW_TOKEN = /apt_[A-Za-z0-9_-]{43}/;

describe('what our stack answers to who wants to become a peer', () => {
  it('to a claim: its own token, shown here as T', async () => {
    const { toDave } = await answering();
    const { head, body } = await toDave(CLAIM);
    expect(body.replace(NEW_TOKEN, 'T')).toBe(
      '{"token":"T","offers":["handoff","plans"],"confirmed":true,"ready":true,"expiresInSeconds":900,"now":1800000000000}',
    );
    expect(
      head
        .replace(/date: .*/i, 'Date: D')
        .toLowerCase()
        .split('\r\n'),
    ).toEqual([
      'http/1.1 200 ok',
      'content-type: application/json',
      'cache-control: no-store',
      'x-content-type-options: nosniff',
      'content-length: 161',
      'date: d',
      'connection: close',
    ]);
  });

  it('to a claim that comes again: the same', async () => {
    const { toDave } = await answering();
    const first = await toDave(CLAIM);
    expect((await toDave(CLAIM)).body).toBe(first.body);
  });

  it('to a secret that is of no invite', async () => {
    const { toDave } = await answering();
    const { status, body } = await toDave(CLAIM.replace('kQ3v', 'xxxx'));
    expect([status, body]).toEqual([
      403,
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"There is no such invite here","data":[' +
        '{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"invite-unknown","domain":"agent-peer"}]}}',
    ]);
  });

  it('to news of a peer with which nothing is open', async () => {
    const { toBob } = await answering();
    expect(await toBob(NEWS)).toMatchObject({ status: 200, body: '{"confirmed":true,"ready":true}' });
  });

  it('to a new token: its own new one, shown here as T, and the same while that was not presented', async () => {
    const { toBob } = await answering();
    const first = await toBob(ROTATE);
    expect([first.status, first.body.replace(NEW_TOKEN, 'T')]).toEqual([200, '{"token":"T"}']);
    expect((await toBob(ROTATE)).body).toBe(first.body);
  });
});
