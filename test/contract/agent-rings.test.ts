/**
 * Agents that answer everything with a new message to the next one. Nothing that they send names what it goes on with, and
 * each pair has conversations of its own, so only the guess about what an agent does while it answers others can stop them.
 * Three proxies as processes of their own; the agents are functions behind fake gateways.
 */
import { describe, expect, it } from 'vitest';
import { startRing, type RingMember } from '../harness/agent-ring.ts';

/** Messages of hops 0 to 4 are delivered; the next one waits for a person. */
const DELIVERED = 5;
const WAIT = { timeout: 30_000, interval: 100 };

/** What each owner sees waiting: where it waits, and why. */
async function waiting(ring: readonly RingMember[]): Promise<readonly string[]> {
  const held = await Promise.all(
    ring.map(async ({ machine, held }) =>
      (await held()).map(
        ({ direction, peer, place, reason }) => `${machine.name}: ${direction} ${peer}, ${place}, ${reason}`,
      ),
    ),
  );
  return held.flat();
}

/** Ids of what waits for the owner of the machine that has it. */
async function waitingHere(ring: readonly RingMember[]): Promise<readonly string[]> {
  const held = await Promise.all(ring.map(({ held }) => held()));
  return held.flatMap((items) => items.filter(({ place }) => place === 'here').map(({ id }) => id));
}

describe('three agents that pass everything on, each to the next', () => {
  it('are stopped by the guard at the sixth message; both its owners see why, and the receiver lets it go on', async () => {
    const ring = await startRing(['alice', 'bob', 'carol']);
    const [alice] = ring;
    await alice?.machine.post('/messages', { peer: 'bob', alias: 'inbox', text: 'pass it on' });
    await expect
      .poll(() => waiting(ring), WAIT)
      .toEqual(['alice: inbound carol, here, hop-limit', 'carol: outbound alice, peer, hop-limit']);
    expect(ring.map(({ turns }) => turns())).toEqual([1, 2, 2]);

    const [first = ''] = await waitingHere(ring);
    await alice?.machine.post(`/held/${first}/approve`);
    await expect.poll(() => alice?.turns(), WAIT).toBe(2);
    // It begins a chain anew, which is stopped like the first, or sooner: what was answered in the minute before counts.
    await expect.poll(() => waitingHere(ring), WAIT).toEqual([expect.not.stringMatching(first)]);
    const turns = ring.reduce((sum, one) => sum + one.turns(), 0);
    expect(turns).toBeGreaterThan(DELIVERED);
    expect(turns).toBeLessThanOrEqual(2 * DELIVERED);
  }, 60_000);
});
