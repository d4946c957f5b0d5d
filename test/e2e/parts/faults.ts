import { afterAll, beforeAll } from 'vitest';
import { SENDER_POINTS, type DeliveryFaultPoint } from '../../../src/delivery/fault-points.ts';
import { makeFaultStacks, type FaultStacks } from '../../harness/fault-stacks.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';
import { fullDisk } from './full-disk.ts';
import { killedProxies, type KillRound } from './killed-proxies.ts';
import { partitions } from './partitions.ts';
import { takenAddress } from './taken-address.ts';

/** How much of each fault. */
export interface FaultSize {
  readonly kills: readonly KillRound[];
  readonly cutSeconds: number;
  readonly everyCut: boolean;
}

/** Those of a look are reached only by a proxy that was killed before. */
const RECEIVING: readonly DeliveryFaultPoint[] = [
  'accept-stored',
  'turn-begun',
  'look-begun',
  'turn-sent',
  'look-ended',
  'turn-taken',
  'look-stored',
  'turn-ended',
  'turn-stored',
];

export const SHORT: FaultSize = {
  kills: [
    {
      a: ['submit-stored', 'offer-sent', 'receipt-answered', 'reply-answered'],
      b: ['accept-stored', 'turn-begun', 'look-ended', 'turn-taken'],
    },
  ],
  cutSeconds: 8,
  everyCut: false,
};

export const LONG: FaultSize = {
  kills: [
    { a: SENDER_POINTS, b: RECEIVING },
    { a: RECEIVING, b: SENDER_POINTS },
  ],
  cutSeconds: 60,
  everyCut: true,
};

/** What happens to whole machines and the network between them, on stacks that are made ready for it. */
export function faults(ground: WithGround, size: FaultSize): void {
  timedPart('faults', () => {
    let stacks: FaultStacks | undefined;
    const withStacks = (): FaultStacks => {
      if (stacks === undefined) throw new Error('the stacks are not ready: see the first error');
      return stacks;
    };
    beforeAll(async () => {
      stacks = await makeFaultStacks(ground().lab);
    });
    afterAll(async () => {
      await stacks?.restore();
    });

    killedProxies(ground, withStacks, size.kills);
    partitions(ground, size);
    fullDisk(ground, withStacks);
    takenAddress(ground);
  });
}
