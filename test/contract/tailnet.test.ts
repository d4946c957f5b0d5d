/**
 * What the rest of the program may rely on from tailscaled's LocalAPI: nodes are named by StableID, "no such node" is
 * the only failure that means nobody, every other failure is an error, and a restarted tailscaled is found again.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTailnet } from '../../src/tailnet/local-api.ts';
import { startFakeLocalApi, tailnetNode, tailnetState, type FakeLocalApi } from '../harness/fake-tailnet.ts';

const state = tailnetState(tailnetNode('nSelf', '100.64.0.1'), [tailnetNode('nBob', '100.64.0.2')]);
let localApi: FakeLocalApi;
beforeEach(async () => {
  localApi = await startFakeLocalApi(state);
});
afterEach(() => localApi.close());

const tailnet = (timeoutMs = 2000) => createTailnet({ socketPath: localApi.socketPath, timeoutMs });

describe('status', () => {
  it('tells the own node and the others by StableID, address and login', async () => {
    const status = await tailnet().status();
    expect(status).toMatchObject({ backendState: 'Running', tun: true, health: [] });
    expect(status.self).toEqual({
      nodeId: 'nSelf',
      dnsName: 'nSelf.lab.internal',
      hostName: 'nSelf',
      login: 'nSelf@example.com',
      ipv4: '100.64.0.1',
      online: true,
    });
    expect(status.peers).toMatchObject([{ nodeId: 'nBob', ipv4: '100.64.0.2', login: 'nBob@example.com' }]);
  });

  it('takes a status that says little: no own node, no peers, and no TUN unless it is said', async () => {
    localApi.instead = (_req, res) => res.end('{"BackendState":"NoState"}');
    expect(await tailnet().status()).toEqual({
      backendState: 'NoState',
      tun: false,
      version: '',
      health: [],
      self: null,
      keyExpiresAt: null,
      peers: [],
    });
  });

  it('tells when the key of the own node ends', async () => {
    for (const [KeyExpiry, told] of [
      ['2026-06-01T12:00:00Z', Date.UTC(2026, 5, 1, 12)],
      ['0001-01-01T00:00:00Z', null],
      ['soon', null],
      [null, null],
    ] as const) {
      const Self = { ID: 'nSelf', KeyExpiry };
      localApi.instead = (_req, res) => res.end(JSON.stringify({ BackendState: 'Running', Self }));
      expect((await tailnet().status()).keyExpiresAt, String(KeyExpiry)).toBe(told);
    }
  });

  it('calls the owner of a tagged node tagged-devices, as whois does, and leaves out nodes without an id', async () => {
    const Peer = { a: { ID: 'nTag', Tags: ['tag:x'], UserID: 5 }, b: { ID: '' } };
    localApi.instead = (_req, res) => res.end(JSON.stringify({ BackendState: 'Running', Peer }));
    const { peers } = await tailnet().status();
    expect(peers).toMatchObject([{ nodeId: 'nTag', login: 'tagged-devices', ipv4: null, online: false }]);
  });
});

describe('whois', () => {
  it('names the node behind an address, also in the form that a dual-stack listener reports', async () => {
    expect(await tailnet().whois('100.64.0.2', 4711)).toMatchObject({
      nodeId: 'nBob',
      login: 'nBob@example.com',
    });
    expect(await tailnet().whois('::ffff:100.64.0.2', 4711)).toMatchObject({ nodeId: 'nBob' });
    expect(localApi.seen[1]).toBe('GET /localapi/v0/whois?addr=100.64.0.2%3A4711');
  });

  it('answers null for an address that tailscaled does not know, and only then', async () => {
    expect(await tailnet().whois('172.18.0.5', 4711)).toBeNull();
    for (const status of [403, 500, 200]) {
      localApi.instead = (_req, res) => res.writeHead(status).end('{"Node":{}}');
      await expect(tailnet().whois('100.64.0.2', 1)).rejects.toMatchObject({ code: 'tailnet-unavailable' });
    }
  });
});

describe('tailscaled that fails', () => {
  it('is an error that names the socket when there is none', async () => {
    const gone = createTailnet({ socketPath: '/nowhere/tailscaled.sock', timeoutMs: 500 });
    await expect(gone.status()).rejects.toMatchObject({
      code: 'tailnet-unavailable',
      message: expect.stringContaining('/nowhere/tailscaled.sock') as string,
    });
  });

  it('is an error when it does not answer in time, answers half, or answers nonsense', async () => {
    localApi.instead = () => undefined;
    await expect(tailnet(100).status()).rejects.toMatchObject({
      message: expect.stringContaining('100 ms') as string,
    });
    localApi.instead = (_req, res) => {
      res.write('{"Back');
      setTimeout(() => res.destroy(), 20);
    };
    await expect(tailnet().status()).rejects.toMatchObject({ code: 'tailnet-unavailable' });
    localApi.instead = (_req, res) => res.end('<html>');
    await expect(tailnet().status()).rejects.toMatchObject({ code: 'tailnet-unavailable' });
  });

  it('is found again after a restart, and a connection lost once is tried once more', async () => {
    const client = tailnet();
    await client.status();
    await localApi.restart();
    expect((await client.status()).backendState).toBe('Running');
    let lost = 0;
    localApi.instead = (req) => {
      lost += 1;
      req.socket.destroy();
      if (lost === 1) localApi.instead = null;
    };
    expect((await client.status()).backendState).toBe('Running');
    expect(lost).toBe(1);
  });
});
