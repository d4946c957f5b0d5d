/**
 * The proxy ends itself when its network namespace is dead, and only then: a restart of the tailscale container takes
 * the interface away for seconds and brings it back, and must not cost a running turn.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentPeerError } from '../../src/errors.ts';
import type { LocalAddress } from '../../src/tailnet/interfaces.ts';
import { watchNamespace } from '../../src/tailnet/watchdog.ts';
import { fakeTailnet, tailnetNode, tailnetState } from '../harness/fake-tailnet.ts';

const OWN = '100.64.0.1';
const LOOPBACK: LocalAddress = { address: '127.0.0.1', loopback: true };
const BRIDGE: LocalAddress = { address: '172.18.0.2', loopback: false };
const TUN: LocalAddress = { address: OWN, loopback: false };

/** The addresses at a check, by its number: what happens within one check does not depend on timers. */
type HereAt = (check: number) => LocalAddress[];

let end: () => void = () => undefined;
afterEach(() => end());

function watch() {
  const state = tailnetState(tailnetNode('nSelf', OWN));
  const seen = {
    checks: 0,
    dead: [] as AgentPeerError[],
    here: [LOOPBACK, BRIDGE, TUN],
    hereAt: null as HereAt | null,
  };
  const addresses = () => {
    seen.checks += 1;
    return seen.hereAt?.(seen.checks) ?? seen.here;
  };
  const onDead = (error: AgentPeerError) => void seen.dead.push(error);
  end = watchNamespace({ tailnet: fakeTailnet(state), ipv4: OWN, intervalMs: 2, onDead, addresses });
  const checks = async (more: number) => {
    const until = seen.checks + more;
    while (seen.checks < until && seen.dead.length === 0)
      await new Promise((resolve) => setTimeout(resolve, 2));
  };
  return { state, seen, checks };
}

describe('the watchdog', () => {
  it('leaves a healthy namespace alone', async () => {
    const { seen, checks } = watch();
    await checks(8);
    expect(seen.dead).toEqual([]);
  });

  it('ends the proxy, once, when only loopback is left', async () => {
    const { seen, checks } = watch();
    await checks(2);
    seen.here = [LOOPBACK];
    await checks(1000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen.dead).toMatchObject([{ code: 'namespace-dead' }]);
  });

  it.each([
    ['is restarting, with its interface gone', { down: true }],
    ['is starting, with its interface gone', { backendState: 'Starting' }],
  ])('leaves the proxy alone while tailscaled %s', async (_what, change) => {
    const { state, seen, checks } = watch();
    Object.assign(state, change);
    seen.here = [LOOPBACK, BRIDGE];
    await checks(12);
    expect(seen.dead).toEqual([]);
  });

  it('forgives an address that is missing for a moment after tailscaled says Running', async () => {
    const { seen, checks } = watch();
    seen.hereAt = (check) => (check % 3 === 0 ? [LOOPBACK, BRIDGE, TUN] : [LOOPBACK, BRIDGE]);
    await checks(15);
    expect(seen.dead).toEqual([]);
  });

  it('begins to count anew when tailscaled could not be asked in between', async () => {
    const { state, seen, checks } = watch();
    seen.hereAt = (check) => {
      state.down = check % 3 === 0;
      return [LOOPBACK, BRIDGE];
    };
    await checks(15);
    expect(seen.dead).toEqual([]);
  });

  it('ends the proxy when tailscaled runs in another namespace, or with another address', async () => {
    const elsewhere = watch();
    elsewhere.seen.here = [LOOPBACK, BRIDGE];
    await elsewhere.checks(1000);
    expect(elsewhere.seen.dead).toMatchObject([{ code: 'namespace-dead' }]);
    end();
    const renumbered = watch();
    renumbered.state.self = tailnetNode('nSelf', '100.64.0.9');
    await renumbered.checks(1000);
    expect(renumbered.seen.dead[0]?.message).toContain('100.64.0.9');
  });

  it('ends the proxy when tailscaled comes back in userspace mode', async () => {
    const { state, seen, checks } = watch();
    state.tun = false;
    await checks(1000);
    expect(seen.dead).toMatchObject([{ code: 'tailnet-userspace' }]);
  });
});
