/**
 * The proxy serves only when the tailnet is really there: tailscaled Running with a TUN device, and its address on an
 * interface of this namespace. Userspace mode is refused at once; everything else is waited for, and then explained.
 */
import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { waitForTailnet } from '../../src/tailnet/readiness.ts';
import { fakeTailnet, tailnetNode, tailnetState, type TailnetState } from '../harness/fake-tailnet.ts';

const ADDRESS = '100.64.0.1';
const lines: string[] = [];
const log = createLog((line) => lines.push(line));

function wait(
  state: TailnetState,
  { waitMs = 60, here = [ADDRESS] as readonly string[], signal = new AbortController().signal } = {},
) {
  const addresses = () => here.map((address) => ({ address, loopback: false }));
  const clock = { now: () => performance.now() };
  return waitForTailnet({ tailnet: fakeTailnet(state), waitMs, log, clock, addresses, pollMs: 5, signal });
}
const running = () => tailnetState(tailnetNode('nSelf', ADDRESS));

describe('waiting for the tailnet', () => {
  it('answers the own node when all is there', async () => {
    expect(await wait(running())).toMatchObject({ nodeId: 'nSelf', ipv4: ADDRESS });
  });

  it('waits for a tailscaled that comes up late, and says what it waits for once', async () => {
    lines.length = 0;
    const state = { ...running(), down: true, backendState: 'Starting' };
    setTimeout(() => (state.down = false), 20);
    setTimeout(() => (state.backendState = 'Running'), 40);
    expect(await wait(state, { waitMs: 5000 })).toMatchObject({ ipv4: ADDRESS });
    expect(lines.filter((line) => line.includes('the fake is down'))).toHaveLength(1);
  });

  it('refuses userspace mode at once, and says why and what to set', async () => {
    const refused = wait({ ...running(), tun: false }, { waitMs: 60_000 });
    await expect(refused).rejects.toMatchObject({
      code: 'tailnet-userspace',
      message: expect.stringContaining('127.0.0.1') as string,
      fix: expect.stringContaining('TS_USERSPACE=false') as string,
    });
  });

  it('does not take a tailscaled that is still starting for one in userspace mode', async () => {
    const starting = wait({ ...running(), tun: false, backendState: 'Starting' });
    await expect(starting).rejects.toMatchObject({ code: 'tailnet-not-running' });
  });

  it.each([
    ['NeedsLogin', 'auth key'],
    ['NeedsMachineAuth', 'approval'],
    ['Stopped', 'switched off'],
    ['Starting', 'Starting'],
  ])('in the end says what state %s means', async (backendState, words) => {
    await expect(wait({ ...running(), backendState })).rejects.toMatchObject({
      code: 'tailnet-not-running',
      message: expect.stringContaining(words) as string,
    });
  });

  it('in the end says that the socket is missing, that there is no address, or that no interface has it', async () => {
    await expect(wait({ ...running(), down: true })).rejects.toMatchObject({ message: 'the fake is down' });
    const homeless = tailnetState(tailnetNode('nSelf', null));
    await expect(wait(homeless)).rejects.toMatchObject({
      message: expect.stringContaining('no IPv4') as string,
    });
    await expect(wait(running(), { here: ['172.18.0.2'] })).rejects.toMatchObject({
      message: expect.stringContaining('on no interface') as string,
    });
  });

  it('in the end says what tailscaled said last, although it stopped since', async () => {
    const state = { ...running(), backendState: 'NeedsLogin' };
    setTimeout(() => (state.down = true), 20);
    await expect(wait(state, { waitMs: 200 })).rejects.toMatchObject({
      message: expect.stringContaining('NeedsLogin') as string,
    });
  });

  it('ends when it is told to', async () => {
    const stop = AbortSignal.timeout(20);
    const waiting = wait({ ...running(), down: true }, { waitMs: 60_000, signal: stop });
    await expect(waiting).rejects.toMatchObject({ code: 'tailnet-not-running' });
  });
});
