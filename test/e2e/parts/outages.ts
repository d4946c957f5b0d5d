import { expect, it } from 'vitest';
import { healthOf } from '../../../src/lab/containers.ts';
import { eventually } from '../../../src/lab/eventually.ts';
import { exchange, recordsOf, type MessageView } from '../../../src/lab/exchange.ts';
import { SERVICES, type Service } from '../../../src/lab/names.ts';
import type { Lab } from '../../../src/lab/lab.ts';
import type { Stack } from '../../../src/lab/stack.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';

type Blow = (lab: Lab, container: string) => Promise<void>;

const restart: Blow = ({ docker }, container) =>
  docker.getContainer(container).restart({ t: 5 }) as Promise<void>;

/**
 * Kills the main process from outside, as the kernel does when memory runs out. `docker kill` counts as the owner's
 * wish, after which no restart policy applies.
 */
const kill: Blow = async ({ docker }, container) => {
  const { State, RestartCount } = await docker.getContainer(container).inspect();
  process.kill(State.Pid, 'SIGKILL');
  const read = () => healthOf(docker, container);
  await eventually(
    `${container} is back`,
    read,
    ({ running, restarts }) => running && restarts > RestartCount,
    30_000,
  );
};

/** Who must have been started anew after a service went: whoever sits in the holder's namespace goes with it. */
const FALLEN: Readonly<Record<Service, readonly Service[]>> = {
  netns: ['netns', 'tailscale', 'proxy', 'gateway'],
  tailscale: ['tailscale'],
  proxy: ['proxy'],
  gateway: ['gateway'],
};

const startedAt = async ({ docker }: Lab, container: string) =>
  (await docker.getContainer(container).inspect()).State.StartedAt;

/** Strikes, and waits until every container that fell with it was started anew. */
async function strikeOne(lab: Lab, stack: Stack, service: Service, blow: Blow): Promise<void> {
  const fallen = FALLEN[service].map((name) => stack.container(name));
  const before = await Promise.all(fallen.map((container) => startedAt(lab, container)));
  await blow(lab, stack.container(service));
  for (const [i, container] of fallen.entries()) {
    await eventually(
      `${container} was started anew`,
      () => startedAt(lab, container),
      (at) => at !== before[i],
      90_000,
    );
  }
  await cliAnswers(stack);
}

/** One stack sees a restart while the other is killed, and they must answer each other afterwards. */
async function strike(lab: Lab, service: Service): Promise<void> {
  const { a, b } = lab.stacks;
  await Promise.all([strikeOne(lab, a, service, restart), strikeOne(lab, b, service, kill)]);
  const [toB, toA] = await Promise.all([
    exchange(a, b, lab.model, `are you there after ${service}?`),
    exchange(b, a, lab.model, `and you, after ${service}?`),
  ]);
  expect(await recordsOf(lab.model, b, toB.message)).toHaveLength(1);
  expect(await recordsOf(lab.model, a, toA.message)).toHaveLength(1);
}

/** The CLI runs in the proxy container, so nothing can be handed in while that is away. */
const cliAnswers = (stack: Stack) =>
  eventually(
    `the CLI of ${stack.name} answers`,
    () => stack.cli(['status']),
    ({ exitCode }) => exitCode === 0,
    120_000,
  );

export function outages(ground: WithGround): void {
  timedPart('outages', () => {
    for (const service of SERVICES) {
      it(`answers the next message after a restart of ${service} on one machine and a kill of it on the other`, () =>
        strike(ground().lab, service));
    }

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
