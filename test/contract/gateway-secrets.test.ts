/**
 * Secrets of the gateway. The shared token is kept nowhere: not in the credentials, not in a log line, not in an error,
 * although this gateway repeats in its error texts whatever token it is sent. The device token stands in the credential
 * store and nowhere else.
 */
import { expect, it } from 'vitest';
import { AgentPeerError } from '../../src/errors.ts';
import { startFakeGateway } from '../harness/fake-gateway.ts';
import { createPart, never, turnOf } from '../harness/paired-gateway.ts';

function everythingOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const line = error instanceof AgentPeerError ? error.line : '';
  return [line, error.stack, error.message, JSON.stringify(error), everythingOf(error.cause ?? '')].join(
    '\n',
  );
}

it('leaks no token while everything goes wrong that can', async () => {
  const fake = await startFakeGateway({ reply: () => ({ fails: true }) });
  const wrong = 'wrong-shared-token-0123456789';
  const part = createPart(fake.url);
  const told: string[] = [];
  const tell = (error: unknown): void => void told.push(everythingOf(error));
  part.gateway.start();
  await part.gateway.pair(wrong).catch(tell);
  const asked = await part.gateway.pair(fake.sharedToken);
  if (asked.kind === 'approval-needed') fake.approve(asked.requestId);
  await part.gateway.pair(fake.sharedToken);
  await part.gateway.whenReady(AbortSignal.timeout(5_000));
  const token = part.credentials.read('gateway-device-token') ?? '';
  told.push(JSON.stringify(await part.gateway.runTurn(turnOf('go'), never)));
  fake.forgetDevices();
  fake.dropConnections();
  while (part.gateway.state().kind !== 'refused') await new Promise((resolve) => setTimeout(resolve, 5));
  told.push(JSON.stringify(part.gateway.state()));
  await part.gateway.findTurn(turnOf('go')).catch(tell);
  await part.gateway.pair(wrong).catch(tell);
  await part.gateway.close();
  await fake.crash();

  expect(told).toHaveLength(5);
  expect(token.length).toBeGreaterThan(20);
  for (const text of [...told, part.log.text()]) {
    for (const secret of [wrong, fake.sharedToken, token, 'secret-']) expect(text).not.toContain(secret);
  }
  expect(part.credentials.text()).not.toContain(fake.sharedToken);
});
