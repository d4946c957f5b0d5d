/**
 * The long-lived connection. It mends itself when the gateway restarts, says why it is not there when it is not, and
 * neither serves with a gateway that lacks what is needed nor refuses one only for its version. Nothing is sent in
 * clear to another machine.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AgentPeerError } from '../../src/errors.ts';
import { parseGatewayUrl } from '../../src/gateway/url.ts';
import { startFakeGateway } from '../harness/fake-gateway.ts';
import { createPart, never, startPaired, turnOf } from '../harness/paired-gateway.ts';

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a gateway that goes and comes', () => {
  it('is ready, is being looked for, and is ready again', async () => {
    const { fake, gateway } = await startPaired();
    expect(gateway.state()).toEqual({
      kind: 'ready',
      version: '2026.9.6',
      scopes: ['operator.read', 'operator.write'],
    });
    await fake.crash();
    await until(() => JSON.stringify(gateway.state()).includes('ECONNREFUSED'));
    expect(await gateway.runTurn(turnOf('hello'), never)).toMatchObject({ kind: 'not-sent' });
    await fake.start();
    await gateway.whenReady(AbortSignal.timeout(10_000));
    expect(await gateway.runTurn(turnOf('hello'), never)).toEqual({
      kind: 'replied',
      text: 'You said: hello',
    });
  });

  it('tells at once who waits for it, and lets go who waits no longer', async () => {
    const { fake, gateway } = await startPaired();
    await fake.crash();
    await until(() => gateway.state().kind === 'connecting');
    const impatient = new AbortController();
    const given = gateway.whenReady(impatient.signal);
    impatient.abort();
    await given;
    expect(gateway.state().kind).toBe('connecting');
    const waiting = gateway.whenReady(AbortSignal.timeout(10_000));
    await fake.start();
    await waiting;
    expect(gateway.state().kind).toBe('ready');
  });

  it('starts with the device token that is already there', async () => {
    const { fake, gateway, credentials } = await startPaired();
    await gateway.close();
    const next = createPart(fake.url, { credentials });
    ends.unshift(() => next.gateway.close());
    next.gateway.start();
    await next.gateway.whenReady(AbortSignal.timeout(5_000));
    expect(next.gateway.state().kind).toBe('ready');
  });

  it('does not serve, and says what to do, when the device was removed', async () => {
    const { fake, gateway, credentials } = await startPaired();
    fake.forgetDevices();
    fake.dropConnections();
    await until(() => gateway.state().kind === 'refused');
    expect(JSON.stringify(gateway.state())).toContain('agent-peer gateway pair');
    expect(await gateway.runTurn(turnOf('hello'), never)).toMatchObject({ kind: 'not-sent' });
    expect(credentials.read('gateway-device-token')).not.toBeNull();
  });

  it('is given up for good by close', async () => {
    const { fake, gateway } = await startPaired();
    await gateway.close();
    const before = fake.frames.length;
    fake.dropConnections();
    expect(await gateway.runTurn(turnOf('hello'), never)).toMatchObject({ kind: 'not-sent' });
    expect(fake.frames.length).toBe(before);
  });
});

describe('which gateways are served with', () => {
  it.each(['2026.8.1', '2026.9.6'])('version %s, without a word', async (version) => {
    const { gateway, log } = await startPaired({ version });
    expect(gateway.state()).toMatchObject({ kind: 'ready', version });
    expect(log.text()).not.toContain('untested');
  });

  it.each(['2026.7.3', '2026.10.1', '2027.8.1', 'dev'])('version %s, with a warning', async (version) => {
    const { gateway, log } = await startPaired({ version });
    expect(gateway.state()).toMatchObject({ kind: 'ready', version });
    expect(log.events).toContainEqual(['gateway-version-untested', { version }]);
  });

  it('not one that lost a method we need', async () => {
    const { fake, credentials, gateway } = await startPaired();
    await gateway.close();
    const port = new URL(fake.url).port;
    const other = await startFakeGateway({ without: ['chat.history'], autoApprove: true });
    ends.push(other.crash);
    const part = createPart(other.url);
    ends.unshift(() => part.gateway.close());
    part.credentials.write('gateway-device-token', credentials.read('gateway-device-token') ?? port);
    part.gateway.start();
    await until(() => part.gateway.state().kind === 'refused');
    await expect(part.gateway.pair(other.sharedToken)).rejects.toThrow('chat.history');
  });

  it('not a web server that happens to be there', async () => {
    const web: Server = createServer((_request, response) => response.writeHead(404).end('no'));
    await new Promise<unknown>((resolve) => web.listen(0, '127.0.0.1', () => resolve(null)));
    ends.push(() => new Promise((resolve) => web.close(resolve)));
    const part = createPart(`ws://127.0.0.1:${(web.address() as AddressInfo).port}`);
    await expect(part.gateway.pair('token')).rejects.toMatchObject({ code: 'gateway-incompatible' });
  });
});

describe('the address of a gateway', () => {
  it.each(['ws://127.0.0.1:18789', 'ws://localhost:18789', 'ws://[::1]:18789', 'wss://gateway.example:443'])(
    'may be %s',
    (url) => {
      expect(parseGatewayUrl(url)).toContain(new URL(url).host);
    },
  );

  it.each([
    'ws://192.168.1.5:18789',
    'ws://100.64.0.7:18789',
    'ws://172.17.0.2:18789',
    'ws://box.local:18789',
    'ws://box.tail1234.ts.net:18789',
    'ws://127.0.0.1.example:18789',
    'http://127.0.0.1:18789',
    'ws://user:password@127.0.0.1:18789',
    'ws://127.0.0.1:18789/?token=abc',
    '127.0.0.1:18789',
  ])('may not be %s', (url) => {
    expect(() => createPart(url)).toThrow(AgentPeerError);
    expect(() => createPart(url)).toThrow(/^gateway address: (?!.*(user:|abc))/);
  });
});
