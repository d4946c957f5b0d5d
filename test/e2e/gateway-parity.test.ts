/**
 * The fake gateway, on which the contract tests stand, against a real OpenClaw: one script, the same transcript. When
 * this fails after an update of OpenClaw, the gateway has changed, and the fake and `src/gateway` have to follow. The
 * same gateway is asked under which key it keeps a session, which `src/core/session-key-form.ts` has to follow, and what
 * a device like ours may do, which docs/threat-model.md has to follow.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFakeTarget } from '../harness/fake-gateway-target.ts';
import { runGatewayScript, type ScriptStep } from '../harness/gateway-script.ts';
import { startRealGateway, type RealGateway } from '../harness/real-gateway.ts';
import { timedPart } from '../harness/timed-part.ts';
import { devicePowers } from './parts/device-powers.ts';
import { sessionKeys } from './parts/session-keys.ts';

async function transcriptOfFake(): Promise<readonly ScriptStep[]> {
  const fake = await startFakeTarget();
  return runGatewayScript(fake).finally(fake.end);
}

timedPart('gateway parity', () => {
  let real: RealGateway | undefined;

  beforeAll(async () => {
    real = await startRealGateway();
  });
  afterAll(async () => {
    await real?.end();
  });

  function withReal(): RealGateway {
    if (real === undefined) throw new Error('the real gateway did not start: see the first error');
    return real;
  }

  it('a real OpenClaw and the fake answer the same', async () => {
    const [ofReal, ofFake] = await Promise.all([runGatewayScript(withReal()), transcriptOfFake()]);
    expect(ofReal).toEqual(ofFake);
  });

  sessionKeys(withReal);
  devicePowers(withReal);
});
