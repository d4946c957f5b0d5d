/** What waits for a node that comes back is tried at once: the tailnet says when that is. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { TailnetNode } from '../../src/ports/tailnet.ts';
import { watchNodes } from '../../src/tailnet/node-watch.ts';
import { fakeTailnet, tailnetNode, tailnetState } from '../harness/fake-tailnet.ts';

let end: () => void = () => undefined;
afterEach(() => end());

const node = (id: string, online = true): TailnetNode => ({ ...tailnetNode(id, null), online });

async function watch(nodes: readonly TailnetNode[]) {
  const state = tailnetState(node('nself'), nodes);
  const net = fakeTailnet(state);
  const back: string[] = [];
  let looks = 0;
  const tailnet = {
    ...net,
    status: async () => {
      looks += 1;
      return net.status();
    },
  };
  end = watchNodes({ tailnet, intervalMs: 2, onBack: (nodeId) => void back.push(nodeId) });
  /** What was told since the last time, when it has surely looked at how things are. */
  const told = async () => {
    const from = looks;
    await vi.waitFor(() => expect(looks).toBeGreaterThan(from + 2), { interval: 2 });
    return back.splice(0);
  };
  expect(await told()).toEqual([]);
  return { state, back, told };
}

describe('a node', () => {
  it('that was there from the beginning, or goes away, is none that came back', async () => {
    const { state, told } = await watch([node('nbob'), node('ncarol', false)]);
    state.peers = [node('nbob', false), node('ncarol', false)];
    expect(await told()).toEqual([]);
  });

  it('that was offline or not in the tailnet is told once when it is there', async () => {
    const { state, told } = await watch([node('nbob', false)]);
    state.peers = [node('nbob'), node('ncarol')];
    expect(await told()).toEqual(['nbob', 'ncarol']);
    expect(await told()).toEqual([]);
  });

  it.each<[string, (state: ReturnType<typeof tailnetState>, away: boolean) => void]>([
    ['tailscaled could not be asked', (state, away) => void (state.down = away)],
    [
      'our own node was not connected',
      (state, away) => void (state.backendState = away ? 'Starting' : 'Running'),
    ],
  ])('that could not be reached because %s has come back when it can', async (_why, set) => {
    const { state, told } = await watch([node('nbob'), node('ncarol', false)]);
    set(state, true);
    expect(await told()).toEqual([]);
    set(state, false);
    expect(await told()).toEqual(['nbob']);
  });

  it('is told of no more when the watch was ended', async () => {
    const { state, back, told } = await watch([]);
    end();
    state.peers = [node('nbob')];
    await expect(told()).rejects.toThrow();
    expect(back).toEqual([]);
  });
});
