import { it } from 'vitest';
import type { DeliveryFaultPoint } from '../../../src/delivery/fault-points.ts';
import type { PairedName } from '../../../src/lab/lab.ts';
import { whenAnswering } from '../../../src/lab/stack.ts';
import type { FaultStacks } from '../../harness/fault-stacks.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';
import { createTraffic } from '../../harness/traffic.ts';

/** The points at which each proxy is killed, one after the other, while messages go both ways. */
export type KillRound = Readonly<Record<PairedName, readonly DeliveryFaultPoint[]>>;

const BOTH = ['a', 'b'] as const;

export function killedProxies(
  ground: WithGround,
  stacks: () => FaultStacks,
  rounds: readonly KillRound[],
): void {
  timedPart('killed proxies', () => {
    it.each(rounds)(
      'lose and double nothing, a killed at $a and b at $b',
      async (points) => {
        const { lab } = ground();
        const traffic = createTraffic(lab);
        await Promise.all(BOTH.map((name) => stacks().arm(name, points[name])));
        const kills = points.a.length + points.b.length;
        await traffic.send(`with ${kills} kills to come, a's at ${points.a[0]} first`, {
          each: 1 + Math.max(points.a.length, points.b.length),
        });
        for (const name of BOTH) {
          await stacks().allReached(name);
          await whenAnswering(lab.stacks[name]);
        }
        await traffic.expectAllOnce(`proxies killed ${kills} times at named points`);
      },
      900_000,
    );
  });
}
