import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { B_DEAF, B_UNHEARD, BOTH_WAYS, createCuts, type Cut, type Cuts } from '../../harness/cuts.ts';
import type { WithGround } from '../../harness/ground.ts';
import { listMessages } from '../../harness/proxy-scripts.ts';
import { timedPart } from '../../harness/timed-part.ts';
import { createTraffic } from '../../harness/traffic.ts';

interface PartitionSize {
  readonly cutSeconds: number;
  readonly everyCut: boolean;
}

type Way = readonly [string, readonly Cut[]];

/** The short form: both ways are cut in the soak. */
const B_UNHEARD_ALONE: Way = ['one way, b heard by nobody', B_UNHEARD];
const WAYS: readonly Way[] = [
  ['both ways', BOTH_WAYS],
  B_UNHEARD_ALONE,
  ['one way, b hearing nobody', B_DEAF],
];

export function partitions(ground: WithGround, { cutSeconds, everyCut }: PartitionSize): void {
  timedPart('partitions', () => {
    let cuts: Cuts | undefined;
    beforeAll(async () => {
      cuts = await createCuts(ground().lab);
    });
    afterAll(async () => {
      await cuts?.end();
    });

    /** How many messages with these words came into a stack's inbox. */
    async function arrived(what: string): Promise<number> {
      const { docker, stacks } = ground().lab;
      const rows = [...(await listMessages(docker, stacks.a)), ...(await listMessages(docker, stacks.b))];
      return rows.filter(({ direction, text }) => direction === 'inbound' && text.includes(what)).length;
    }

    it.each(everyCut ? WAYS : [B_UNHEARD_ALONE])(
      `lose and double nothing when the network is cut %s for ${cutSeconds} s`,
      async (way, cut) => {
        const traffic = createTraffic(ground().lab);
        const during = `while the network is cut ${way}`;
        await traffic.send(`before the network is cut ${way}`, { each: 2, seconds: 2 });
        await cuts?.make(cut);
        try {
          const cutAt = Date.now();
          await traffic.send(during, { each: 2 });
          await sleep(Math.max(0, cutAt + cutSeconds * 1000 - Date.now()));
          expect(await arrived(during)).toBe(0);
        } finally {
          await cuts?.heal();
        }
        await traffic.expectAllOnce(`network cut ${way} for ${cutSeconds} s`);
      },
      900_000,
    );
  });
}
