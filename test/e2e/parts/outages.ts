import { expect, it } from 'vitest';
import { eventually } from '../../../src/lab/eventually.ts';
import { recordsOf, type MessageView } from '../../../src/lab/exchange.ts';
import type { Lab } from '../../../src/lab/lab.ts';
import { SERVICES, type Service } from '../../../src/lab/names.ts';
import { kill, restart, strike } from '../../harness/blows.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';
import { createTraffic } from '../../harness/traffic.ts';

export interface OutageSize {
  /** What falls at once. */
  readonly struck: readonly (readonly Service[])[];
  /** How often each of them is struck. */
  readonly rounds: number;
  /** Also with turns under way when a namespace goes: its gateway waits for minutes for a model that it cannot reach. */
  readonly cutTurns: boolean;
}

/** The other services are killed in the soak, under more messages than here. */
export const SHORT_OUTAGES: OutageSize = {
  struck: [['netns'], ['tailscale', 'proxy']],
  rounds: 1,
  cutTurns: false,
};

export const LONG_OUTAGES: OutageSize = {
  struck: [...SERVICES.map((service) => [service]), ['tailscale', 'proxy']],
  rounds: 3,
  cutTurns: true,
};

/** One stack sees a restart while the other is killed, with messages on the way both ways; all of them arrive once. */
async function strikeBoth(
  lab: Lab,
  services: readonly Service[],
  { rounds, cutTurns }: Omit<OutageSize, 'struck'>,
): Promise<void> {
  const { a, b } = lab.stacks;
  const traffic = createTraffic(lab);
  const what = services.join(' and ');
  // Who loses the namespace loses the way to the model before anything else.
  const loses = services.includes('netns');
  const modelAway = loses && cutTurns;
  for (let round = 1; round <= rounds; round += 1) {
    await traffic.send(`before ${what} went, round ${round}`, { each: 3, seconds: 1 });
    if (loses && !cutTurns) await traffic.settled();
    await Promise.all([strike(lab, a, services, restart), strike(lab, b, services, kill)]);
    await traffic.send(`after ${what} went, round ${round}`, { each: 1 });
  }
  await traffic.expectAllOnce(`${what} killed`, {
    resumed: modelAway || services.includes('gateway'),
    modelAway,
  });
}

export function outages(ground: WithGround, size: OutageSize): void {
  timedPart('outages', () => {
    for (const services of size.struck) {
      it(
        `loses and doubles nothing when ${services.join(' and ')} is restarted on one machine and killed on the other`,
        () => strikeBoth(ground().lab, services, size),
        900_000,
      );
    }
  });
}

/** What is stopped and comes back; the short form has the same in its soak, without a look in between. */
export function absences(ground: WithGround): void {
  timedPart('absences', () => {
    it('keeps a message while the other proxy is down, and answers it after it is back', async () => {
      const { docker, stacks, model } = ground().lab;
      const proxy = docker.getContainer(stacks.b.container('proxy'));
      await proxy.stop();
      const queued = await stacks.a.ask<MessageView>(['send', 'b', 'handoff'], 'read this when you are back');
      expect(queued.state).toBe('queued');
      await proxy.start();
      const read = () => stacks.a.ask<MessageView>(['messages', 'show', queued.id]);
      const done = await eventually(
        'the message is answered',
        read,
        ({ state }) => state === 'answered',
        90_000,
      );
      expect(done.reply).toContain('b read 27 characters');
      expect(await recordsOf(model, stacks.b, done)).toHaveLength(1);
    });

    it('keeps a message while the other gateway is down, says so, and answers it after it is back', async () => {
      const { docker, stacks, model } = ground().lab;
      const gateway = docker.getContainer(stacks.b.container('gateway'));
      await gateway.stop({ t: 5 });
      const sent = await stacks.a.ask<MessageView>(
        ['send', 'b', 'handoff'],
        'read this when your gateway is back',
      );
      const read = () => stacks.a.ask<MessageView>(['messages', 'show', sent.id]);
      await eventually('b has the message on its disk', read, ({ state }) => state === 'accepted', 30_000);
      await gateway.start();
      const done = await eventually(
        'the message is answered',
        read,
        ({ state }) => state === 'answered',
        120_000,
      );
      expect(await recordsOf(model, stacks.b, done)).toHaveLength(1);
    });
  });
}
