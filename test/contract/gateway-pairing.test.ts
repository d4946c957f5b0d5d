/**
 * Pairing with the gateway. The stack becomes a device: the owner's shared token is used for the call that asks and
 * for nothing else, the gateway's owner approves (or the gateway does so by itself, which is told), and from then on
 * only the device's own token is used. Every way in which this can fail has its own code and says what to do. Unpairing
 * forgets the device altogether: the next pairing is that of another device.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { AgentPeerError, messageOf } from '../../src/errors.ts';
import type { PairingStep } from '../../src/ports/gateway.ts';
import { startFakeGateway, type FakeGateway, type FakeGatewayOptions } from '../harness/fake-gateway.ts';
import { createPart, type Part } from '../harness/paired-gateway.ts';

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function unpaired(options: FakeGatewayOptions = {}): Promise<{ fake: FakeGateway; part: Part }> {
  const fake = await startFakeGateway(options);
  const part = createPart(fake.url);
  part.gateway.start();
  ends.push(() => part.gateway.close(), fake.crash);
  return { fake, part };
}

async function paired(): Promise<{ fake: FakeGateway; part: Part }> {
  const both = await unpaired({ autoApprove: true });
  await both.part.gateway.pair(both.fake.sharedToken);
  await both.part.gateway.whenReady(AbortSignal.timeout(5_000));
  return both;
}

/** Of the last one that connected. */
function deviceOf({ frames }: FakeGateway): string | undefined {
  const connect = frames.findLast(({ method }) => method === 'connect');
  return (connect?.params['device'] as { id: string } | undefined)?.id;
}

async function requestOf(asked: Promise<PairingStep>): Promise<string> {
  const step = await asked;
  if (step.kind !== 'approval-needed') throw new Error(`not asked for approval: ${step.kind}`);
  return step.requestId;
}

async function lineOf(failing: Promise<unknown>): Promise<string> {
  return failing.then(
    () => 'no error',
    (error: unknown) => (error instanceof AgentPeerError ? error.line : messageOf(error)),
  );
}

describe('pairing with a gateway whose owner approves devices', () => {
  it('asks, is approved, and connects with the device token alone', async () => {
    const { fake, part } = await unpaired();
    expect(part.gateway.state()).toEqual({ kind: 'unpaired' });
    const requestId = await requestOf(part.gateway.pair(fake.sharedToken));
    fake.approve(requestId);
    expect(await part.gateway.pair(fake.sharedToken)).toEqual({
      kind: 'paired',
      scopes: ['operator.read', 'operator.write'],
      excess: [],
      approvedSilently: false,
    });
    await part.gateway.whenReady(AbortSignal.timeout(5_000));
    const { auth, scopes } = fake.frames.at(-1)?.params as { auth: { token: string }; scopes: string[] };
    expect(scopes).toEqual(['operator.read', 'operator.write']);
    expect(auth.token).not.toBe(fake.sharedToken);
    expect(part.gateway.state().kind).toBe('ready');
  });

  it('is the same request however often it is asked before the approval', async () => {
    const { fake, part } = await unpaired();
    const first = await requestOf(part.gateway.pair(fake.sharedToken));
    expect(await requestOf(part.gateway.pair(fake.sharedToken))).toBe(first);
    expect(part.gateway.state()).toEqual({ kind: 'unpaired' });
  });

  it('says that it is paired when it is asked to pair once more, and keeps the connection it has', async () => {
    const { fake, part } = await unpaired({ autoApprove: true });
    await part.gateway.pair(fake.sharedToken);
    await part.gateway.whenReady(AbortSignal.timeout(5_000));
    const connects = (): number => fake.frames.filter(({ method }) => method === 'connect').length;
    const before = connects();
    const again = await part.gateway.pair('whatever is typed now');
    expect(again).toMatchObject({ kind: 'paired', scopes: ['operator.read', 'operator.write'] });
    expect(connects()).toBe(before + 1);
    expect(part.gateway.state().kind).toBe('ready');
  });

  it('pairs the same device again after the gateway removed it', async () => {
    const { fake, part } = await unpaired({ autoApprove: true });
    await part.gateway.pair(fake.sharedToken);
    await part.gateway.whenReady(AbortSignal.timeout(5_000));
    fake.forgetDevices();
    fake.dropConnections();
    expect(await part.gateway.pair(fake.sharedToken)).toMatchObject({ kind: 'paired' });
    await part.gateway.whenReady(AbortSignal.timeout(5_000));
    expect(part.gateway.state().kind).toBe('ready');
    const ids = fake.frames.map(({ params }) => (params['device'] as { id: string } | undefined)?.id);
    expect(new Set(ids.filter((id) => id !== undefined)).size).toBe(1);
  });
});

describe('what the owner is told', () => {
  it('that the gateway approved the device without asking anyone', async () => {
    const { fake, part } = await unpaired({ autoApprove: true });
    expect(await part.gateway.pair(fake.sharedToken)).toMatchObject({
      kind: 'paired',
      approvedSilently: true,
    });
  });

  it('that the device may do more than it asked for', async () => {
    const scopes = ['operator.read', 'operator.write', 'operator.admin'];
    const { fake, part } = await unpaired({ autoApprove: true, scopes });
    const more = { scopes, excess: ['operator.admin'] };
    expect(await part.gateway.pair(fake.sharedToken)).toMatchObject(more);
    expect(await part.gateway.pair(fake.sharedToken)).toMatchObject(more);
    expect(part.log.events).toContainEqual(['gateway-scopes-wide', { excess: ['operator.admin'] }]);
  });
});

describe('the name that the gateway’s owner is shown', () => {
  it('has a part of the device id: a gateway may retire a device that has the same name as another', async () => {
    const { fake, part } = await unpaired({ autoApprove: true });
    await part.gateway.pair(fake.sharedToken);
    const { client, device } = fake.frames[0]?.params as {
      client: { displayName: string };
      device: { id: string };
    };
    expect(client.displayName).toBe(`agent-peer test (${device.id.slice(0, 6)})`);
  });
});

describe('unpairing', () => {
  it('closes the connection and forgets key and token, and says which device the gateway still has', async () => {
    const { fake, part } = await paired();
    const id = deviceOf(fake);
    expect(await part.gateway.unpair()).toEqual({ deviceId: id });
    expect(part.gateway.state()).toEqual({ kind: 'unpaired' });
    expect(part.credentials.text()).toBe('[]');
    expect(fake.connections()).toBe(0);
  });

  it('is over at once, also while the gateway refuses or is away', async () => {
    const { fake, part } = await paired();
    await fake.crash();
    await part.gateway.unpair();
    expect(part.gateway.state()).toEqual({ kind: 'unpaired' });
  });

  it('has nothing to forget the second time', async () => {
    const { part } = await paired();
    await part.gateway.unpair();
    expect(await part.gateway.unpair()).toEqual({ deviceId: null });
    expect(part.gateway.state()).toEqual({ kind: 'unpaired' });
  });

  it('makes the next pairing one of a new device, and its connection is used', async () => {
    const { fake, part } = await paired();
    const before = deviceOf(fake);
    await part.gateway.unpair();
    await part.gateway.pair(fake.sharedToken);
    await part.gateway.whenReady(AbortSignal.timeout(5_000));
    expect(deviceOf(fake)).not.toBe(before);
    expect(part.gateway.state().kind).toBe('ready');
  });
});

describe('pairing that fails', () => {
  it.each([
    ['a wrong shared token', {}, 'not-the-token', 'gateway-token-refused'],
    ['an empty shared token', {}, '  ', 'gateway-token-refused'],
    ['another protocol', { protocol: 5 }, null, 'gateway-incompatible'],
    [
      'a gateway without a method we need',
      { autoApprove: true, without: ['agent'] },
      null,
      'gateway-incompatible',
    ],
    [
      'a device that may only read',
      { autoApprove: true, scopes: ['operator.read'] },
      null,
      'gateway-incompatible',
    ],
    ['no device token', { autoApprove: true, withoutDeviceToken: true }, null, 'gateway-incompatible'],
  ])('%s', async (_name, options, token, code) => {
    const { fake, part } = await unpaired(options);
    const line = await lineOf(part.gateway.pair(token ?? fake.sharedToken));
    expect(line).toMatch(new RegExp(`^${code}: ws://127\\.0\\.0\\.1:\\d+/: .+\\. .+`));
    expect(line).not.toContain(token?.trim() === '' ? 'undefined' : (token ?? fake.sharedToken));
    expect(part.gateway.state()).toEqual({ kind: 'unpaired' });
  });

  it('no gateway there', async () => {
    const { fake, part } = await unpaired();
    await fake.crash();
    expect(await lineOf(part.gateway.pair(fake.sharedToken))).toMatch(/^gateway-unreachable: .*ECONNREFUSED/);
  });
});
