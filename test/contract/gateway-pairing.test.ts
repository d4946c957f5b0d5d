/**
 * Pairing with the gateway. The stack becomes a device: the owner's shared token is used for the call that asks and
 * for nothing else, the gateway's owner approves (or the gateway does so by itself, which is told), and from then on
 * only the device's own token is used. Every way in which this can fail has its own code and says what to do.
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
    expect(await part.gateway.pair(fake.sharedToken)).toMatchObject({ kind: 'paired', scopes });
    expect(part.log.events).toContainEqual(['gateway-scopes-wide', { excess: ['operator.admin'] }]);
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
