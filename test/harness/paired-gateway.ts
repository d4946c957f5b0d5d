import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { SessionKey } from '../../src/core/session-key.ts';
import { createGateway, type GatewayDeps, type StartableGateway } from '../../src/gateway/gateway.ts';
import type { Turn } from '../../src/ports/gateway.ts';
import { startFakeGateway, type FakeGateway, type FakeGatewayOptions } from './fake-gateway.ts';
import { createMemoryCredentials, type MemoryCredentials } from './memory-credentials.ts';
import { createMemoryLog, type MemoryLog } from './memory-log.ts';

export const SESSION = 'agent:main:peer-bob' as SessionKey;

/** Looks again almost at once: nothing here needs the time that a real gateway may need. */
export const QUICK = { lookWaitMs: 300, lookAgainMs: 20 };

export interface Part {
  readonly gateway: StartableGateway;
  readonly credentials: MemoryCredentials;
  readonly log: MemoryLog;
}

/** The gateway part of one stack, with everything around it in memory. Not started. */
export function createPart(url: string, more: Partial<GatewayDeps> = {}): Part {
  const credentials = createMemoryCredentials();
  const log = createMemoryLog();
  const gateway = createGateway({
    url,
    credentials,
    clock: { now: () => Date.now() },
    log,
    displayName: 'agent-peer test',
    version: '0.1.0',
    limits: QUICK,
    ...more,
  });
  return { gateway, credentials, log };
}

export interface Paired extends Part {
  readonly fake: FakeGateway;
}

/** A fake gateway and a started part that it has let in; both end with the test. */
export async function startPaired(options: FakeGatewayOptions = {}): Promise<Paired> {
  const fake = await startFakeGateway(options);
  const part = createPart(fake.url);
  onTestFinished(async () => {
    await part.gateway.close();
    await fake.crash();
  });
  part.gateway.start();
  const asked = await part.gateway.pair(fake.sharedToken);
  if (asked.kind === 'approval-needed') {
    fake.approve(asked.requestId);
    await part.gateway.pair(fake.sharedToken);
  }
  await part.gateway.whenReady(AbortSignal.timeout(5_000));
  return { ...part, fake };
}

export function turnOf(text: string, more: Partial<Turn> = {}): Turn {
  const key = randomUUID().replaceAll('-', '');
  return { key, sessionKey: SESSION, text, source: 'agent-peer:bob', deadlineMs: 10_000, ...more };
}

export const never: AbortSignal = new AbortController().signal;
