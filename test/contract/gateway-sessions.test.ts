/**
 * What the owner is shown of the gateway before a session is offered to a peer: its sessions, its default agent, and
 * what tools an agent has. The gateway is asked on the connection that there is. Sessions that cannot be listed are an
 * error with a code; an agent or tools that cannot be asked for are an answer, as no command depends on them.
 */
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SessionKey } from '../../src/core/session-key.ts';
import { ALL_TOOLS } from '../harness/fake-gateway-agents.ts';
import type { FakeGatewayOptions } from '../harness/fake-gateway.ts';
import { startFakeGateway } from '../harness/fake-gateway.ts';
import { createPart, never, startPaired, turnOf, type Paired } from '../harness/paired-gateway.ts';

const key = (raw: string) => raw as SessionKey;

/** A turn is what makes a session. */
async function withSessions(keys: readonly string[], options: FakeGatewayOptions = {}): Promise<Paired> {
  const paired = await startPaired(options);
  for (const sessionKey of keys)
    await paired.gateway.runTurn(turnOf('hello', { sessionKey: key(sessionKey) }), never);
  return paired;
}

/** Two turns of one millisecond are neither first. */
async function nextMillisecond(): Promise<number> {
  const now = Date.now();
  while (Date.now() === now) await setTimeout(1);
  return Date.now();
}

async function unpaired() {
  const fake = await startFakeGateway();
  const part = createPart(fake.url);
  part.gateway.start();
  onTestFinished(() => part.gateway.close());
  onTestFinished(fake.crash);
  return part.gateway;
}

describe('sessions', () => {
  it('are listed with their agents, the one used last first', async () => {
    const { gateway } = await withSessions([
      'agent:main:a',
      'agent:reader:b',
      'agent:main:c',
      'agent:main:a',
    ]);
    const before = await nextMillisecond();
    await gateway.runTurn(turnOf('again', { sessionKey: key('agent:reader:b') }), never);
    const { sessions, total } = await gateway.sessions();
    expect([total, sessions.length]).toEqual([3, 3]);
    expect(sessions[0]).toMatchObject({ sessionKey: 'agent:reader:b', agentId: 'reader' });
    expect(sessions[0]?.usedAt).toBeGreaterThanOrEqual(before);
  });

  it('say how many there are when they are too many to list', async () => {
    const { fake, gateway } = await withSessions(['agent:main:a']);
    await gateway.sessions();
    const asked = fake.frames.findLast(({ method }) => method === 'sessions.list');
    expect(asked?.params).toEqual({ limit: 500, includeGlobal: true, includeUnknown: true });
  });

  it('cannot be listed by a stack that is not paired, which is told what to do', async () => {
    await expect((await unpaired()).sessions()).rejects.toMatchObject({
      code: 'gateway-not-approved',
      fix: 'Run agent-peer gateway pair',
    });
  });

  it('cannot be listed while the gateway is away', async () => {
    const { fake, gateway } = await startPaired();
    await fake.crash();
    await expect(gateway.sessions()).rejects.toMatchObject({ code: 'gateway-unreachable' });
  });
});

describe('the default agent', () => {
  it('is the one that the gateway names', async () => {
    const { gateway } = await startPaired({ agents: { work: [], main: [] } });
    expect(await gateway.defaultAgent()).toBe('work');
  });

  it('is nobody while the gateway cannot be asked, or names none', async () => {
    expect(await (await unpaired()).defaultAgent()).toBeNull();
    const { fake, gateway } = await startPaired({ agents: {} });
    expect(await gateway.defaultAgent()).toBeNull();
    await fake.crash();
    expect(await gateway.defaultAgent()).toBeNull();
  });
});

describe('the tools of a session', () => {
  const tools = (gateway: Paired['gateway'], raw: string) => gateway.agentTools(key(raw));

  it('are those that the gateway gives it', async () => {
    const { gateway } = await withSessions(['agent:main:a']);
    expect(await tools(gateway, 'agent:main:a')).toEqual({ kind: 'known', tools: ALL_TOOLS });
  });

  it('are those of another plain session of its agent while it is not there yet', async () => {
    const { fake, gateway } = await withSessions(['agent:main:subagent:x', 'agent:main:a', 'agent:reader:b']);
    expect(await tools(gateway, 'agent:main:new')).toEqual({ kind: 'known', tools: ALL_TOOLS });
    expect(fake.frames.at(-1)?.params).toEqual({ sessionKey: 'agent:main:a' });
  });

  it('are none where the configuration denies them all, also before the agent has a session', async () => {
    const { gateway } = await withSessions(['agent:main:a']);
    expect(await tools(gateway, 'agent:reader:new')).toEqual({ kind: 'known', tools: [] });
  });

  it.each([
    ['no session of the agent', [], 'agent:main:new', /^it has no session yet/],
    ['a sub-agent’s alone', ['agent:main:subagent:x'], 'agent:main:new', /^it has no session yet/],
    ['no such agent', ['agent:main:a'], 'agent:nobody:a', /^there is no such agent$/],
  ])('cannot be told from %s', async (_what, sessions, asked, detail) => {
    const { gateway } = await withSessions(sessions);
    expect(await tools(gateway, asked)).toEqual({
      kind: 'unknown',
      detail: expect.stringMatching(detail) as string,
    });
  });

  it('cannot be told by a gateway that is away, or not paired', async () => {
    expect(await tools(await unpaired(), 'agent:main:a')).toMatchObject({
      kind: 'unknown',
      detail: expect.stringContaining('not paired') as string,
    });
    const { fake, gateway } = await startPaired();
    await fake.crash();
    expect(await tools(gateway, 'agent:main:a')).toMatchObject({ kind: 'unknown' });
  });

  it('asking for them makes no session', async () => {
    const { gateway } = await startPaired();
    await tools(gateway, 'agent:main:new');
    expect(await gateway.sessions()).toEqual({ sessions: [], total: 0 });
  });
});

describe('whether a turn runs in a session', () => {
  const OWN = key('agent:main:own');

  it('is so from its beginning to its end, and of no other session', async () => {
    const { fake, gateway } = await startPaired();
    fake.hold();
    expect(await gateway.isRunning(OWN)).toBe(false);
    const turn = gateway.runTurn(turnOf('hello', { sessionKey: OWN }), never);
    await vi.waitFor(async () => expect(await gateway.isRunning(OWN)).toBe(true), { timeout: 15_000 });
    expect(await gateway.isRunning(key('agent:main:main'))).toBe(false);
    fake.release();
    await turn;
    expect(await gateway.isRunning(OWN)).toBe(false);
  });

  it('is no answer where the gateway cannot be asked', async () => {
    await expect((await unpaired()).isRunning(OWN)).rejects.toMatchObject({ code: 'gateway-not-approved' });
    const { fake, gateway } = await startPaired();
    await fake.crash();
    await expect(gateway.isRunning(OWN)).rejects.toMatchObject({ code: 'gateway-unreachable' });
  });
});
