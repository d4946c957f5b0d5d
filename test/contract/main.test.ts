/**
 * The process of the proxy's container, from its start to its end.
 *
 * It serves only when everything is as it must be; otherwise it says what is in the way, with a code and what to do, and
 * exits with a code of its own, so that the restart policy tries again. SIGTERM ends it with 0, in time, and what was
 * accepted is on disk. Nothing it prints is a secret.
 */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startFakeLocalApi, tailnetNode, tailnetState } from '../harness/fake-tailnet.ts';
import { ask } from '../harness/local-stack.ts';
import { startNoticeServer } from '../harness/notice-server.ts';
import { freePort, startMain, type RunningMain } from '../harness/run-main.ts';
import { tempFolder } from '../harness/temp-folder.ts';

/** 127.0.0.1 stands in for the tailnet address: it is on an interface here. */
async function surroundings() {
  const tailnet = tailnetState(tailnetNode('nalice', '127.0.0.1'), [tailnetNode('nbob', '127.0.0.9')]);
  const localApi = await startFakeLocalApi(tailnet);
  onTestFinished(() => localApi.close());
  const [peerPort, localPort, gatewayPort] = [await freePort(), await freePort(), await freePort()];
  const dataDir = tempFolder();
  const env = {
    AGENT_PEER_DATA_DIR: dataDir,
    AGENT_PEER_PORT: String(peerPort),
    AGENT_PEER_LOCAL_PORT: String(localPort),
    AGENT_PEER_GATEWAY_URL: `ws://127.0.0.1:${gatewayPort}`,
    AGENT_PEER_TAILSCALE_SOCKET: localApi.socketPath,
    AGENT_PEER_TAILNET_WAIT_SECONDS: '1',
    AGENT_PEER_DRAIN_SECONDS: '5',
  };
  return { tailnet, env, dataDir, peerPort, localPort };
}

const started = (main: RunningMain) => main.line(({ event }) => event === 'started');
const stopped = (main: RunningMain) => main.line(({ event }) => event === 'stopped');
const ownerToken = (dataDir: string) => readFileSync(join(dataDir, 'owner-token'), 'utf8').trim();

async function take(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
}

describe('a start', () => {
  it('ends with both listeners up, on their own addresses only, before there is a gateway', async () => {
    const { env, dataDir, peerPort, localPort } = await surroundings();
    const main = startMain(env);
    await started(main);
    const listening = main.lines.filter(({ event }) => event === 'listening').map(({ address }) => address);
    expect(listening).toEqual([`127.0.0.1:${peerPort}`, `127.0.0.1:${localPort}`]);
    const { json } = await ask(localPort, '/api/v1/status', { token: ownerToken(dataDir) });
    expect(json).toMatchObject({ node: { nodeId: 'nalice' }, gateway: { kind: 'unpaired' } });
  });

  it('tells the owner by the webhook of what needs a person, and nobody where that is', async () => {
    const { env, tailnet, dataDir, localPort } = await surroundings();
    tailnet.keyExpiresAt = Date.now() + 86_400_000;
    const server = await startNoticeServer();
    const main = startMain({ ...env, AGENT_PEER_NAME: 'home', AGENT_PEER_NOTICE_URL: server.url });
    await main.line(({ event }) => event === 'notice-told');
    expect(server.posted).toMatchObject([
      {
        headers: { title: 'agent-peer home: a credential is near its end' },
        body: expect.stringContaining('The tailnet key of this node ends at') as string,
      },
    ]);
    const status = await ask(localPort, '/api/v1/status', { token: ownerToken(dataDir) });
    expect(status.json).toMatchObject({ notices: [{ kind: 'credential-ending', overAt: null }] });
    main.signal('SIGTERM');
    expect(await main.ended).toBe(0);
    expect(status.text + JSON.stringify(main.lines)).not.toContain('secret-topic');
  });

  it('reports every problem of the configuration at once', async () => {
    const main = startMain({ AGENT_PEER_PORT: 'http', AGENT_PEER_DATA_DIR: 'data', AGENT_PEER_TOKEN: 'x' });
    expect(await main.ended).toBe(78);
    const variables = main.lines
      .filter(({ code }) => code === 'config-invalid')
      .map(({ variable }) => variable);
    expect(variables).toEqual(['AGENT_PEER_TOKEN', 'AGENT_PEER_PORT', 'AGENT_PEER_DATA_DIR']);
  });

  it('says what the tailnet lacks, while it waits and when it gives up', async () => {
    const { tailnet, env } = await surroundings();
    tailnet.backendState = 'NeedsLogin';
    const main = startMain(env);
    await main.line(
      ({ event, waitingFor }) => event === 'tailnet-awaited' && String(waitingFor).includes('NeedsLogin'),
    );
    expect(await stopped(main)).toMatchObject({
      code: 'tailnet-not-running',
      what: expect.stringContaining('NeedsLogin') as string,
    });
    expect(await main.ended).toBe(5);
  });

  it('refuses userspace mode at once', async () => {
    const { tailnet, env } = await surroundings();
    tailnet.tun = false;
    const main = startMain({ ...env, AGENT_PEER_TAILNET_WAIT_SECONDS: '60' });
    expect(await stopped(main)).toMatchObject({ code: 'tailnet-userspace' });
    expect(await main.ended).toBe(78);
    expect(main.lines.some(({ event }) => event === 'listening')).toBe(false);
  });

  it.each([
    ['AGENT_PEER_PORT', ({ peerPort }: { peerPort: number }) => peerPort],
    ['AGENT_PEER_LOCAL_PORT', ({ localPort }: { localPort: number }) => localPort],
  ])('says that a port is taken, and which variable changes it: %s', async (variable, portOf) => {
    const around = await surroundings();
    await take(portOf(around));
    const main = startMain(around.env);
    expect(await stopped(main)).toMatchObject({
      code: 'port-taken',
      fix: expect.stringContaining(variable) as string,
    });
    expect(await main.ended).toBe(5);
  });

  it('refuses a second proxy on the same data, and the first goes on', async () => {
    const { env, dataDir, localPort } = await surroundings();
    const first = startMain(env);
    await started(first);
    const second = startMain({
      ...env,
      AGENT_PEER_PORT: String(await freePort()),
      AGENT_PEER_LOCAL_PORT: String(await freePort()),
    });
    expect(await stopped(second)).toMatchObject({ code: 'storage-locked' });
    expect(await second.ended).toBe(5);
    expect((await ask(localPort, '/api/v1/status', { token: ownerToken(dataDir) })).status).toBe(200);
  });

  it('says that there is no data folder', async () => {
    const { env } = await surroundings();
    const main = startMain({ ...env, AGENT_PEER_DATA_DIR: '/nowhere/data' });
    expect(await stopped(main)).toMatchObject({ code: 'storage-unavailable' });
    expect(await main.ended).toBe(5);
  });
});

describe('a stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s ends with 0, and what was accepted is there at the next start',
    async (signal) => {
      const { env, dataDir, localPort } = await surroundings();
      const first = startMain(env);
      await started(first);
      const token = ownerToken(dataDir);
      await ask(localPort, '/api/v1/peers', { method: 'POST', token, body: { name: 'bob', node: 'nbob' } });
      await ask(localPort, '/api/v1/peers/bob/token', {
        method: 'PUT',
        token,
        body: { token: `apt_${'b'.repeat(43)}` },
      });
      const sent = await ask(localPort, '/api/v1/messages', {
        method: 'POST',
        token,
        body: { peer: 'bob', alias: 'inbox', text: 'keep me' },
      });
      expect(sent.status).toBe(202);
      const waiting = ask(localPort, `/api/v1/messages/${String(sent.json['id'])}?waitSeconds=60`, { token });
      await new Promise((resolve) => setTimeout(resolve, 100));
      first.signal(signal);
      expect(await first.ended).toBe(0);
      expect((await waiting).json).toMatchObject({ id: sent.json['id'], reply: null });
      const second = startMain(env);
      await started(second);
      const kept = await ask(localPort, `/api/v1/messages/${String(sent.json['id'])}`, {
        token: ownerToken(dataDir),
      });
      expect(kept.json).toMatchObject({ state: 'queued' });
    },
  );

  it('comes at once also while it waits for the tailnet', async () => {
    const { tailnet, env } = await surroundings();
    tailnet.backendState = 'Starting';
    const main = startMain({ ...env, AGENT_PEER_TAILNET_WAIT_SECONDS: '60' });
    await main.line(({ event }) => event === 'tailnet-awaited');
    main.signal('SIGTERM');
    expect(await main.ended).toBe(0);
  });

  it('prints no secret from start to end', async () => {
    const { env, dataDir } = await surroundings();
    const main = startMain(env);
    await started(main);
    main.signal('SIGTERM');
    await main.ended;
    const printed = JSON.stringify(main.lines);
    for (const file of ['owner-token', 'agent-token'])
      expect(printed).not.toContain(readFileSync(join(dataDir, file), 'utf8').trim());
    expect(printed).not.toContain(readFileSync(join(dataDir, 'sealing.key')).toString('base64'));
  });
});
