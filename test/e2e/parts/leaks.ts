import { expect, it } from 'vitest';
import { logsOf, startContainer } from '../../../src/lab/containers.ts';
import { eventually } from '../../../src/lab/eventually.ts';
import type { MessageView } from '../../../src/lab/exchange.ts';
import { labImage } from '../../../src/lab/images.ts';
import { statusOf } from '../../../src/lab/pairing.ts';
import { connectFrom } from '../../../src/lab/probes.ts';
import { whenHealthy } from '../../../src/lab/stack.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';

const OUTSIDE_TUNNEL = ['-i', 'eth0', '-n', '-l', 'net', '100.64.0.0/10'];

export function leaks(ground: WithGround): void {
  timedPart('leaks', () => {
    it('sends nothing for the tailnet outside the tunnel when tailscale dies in the middle of sending', async () => {
      const { docker, name, stacks } = ground().lab;
      const { node } = await statusOf(stacks.b);
      const capture = await startContainer(docker, name, {
        name: 'capture',
        image: labImage('CAPTURE'),
        command: OUTSIDE_TUNNEL,
        namespaceOf: stacks.a.container('netns'),
        capabilities: ['NET_RAW'],
      });
      await eventually(
        'tcpdump listens',
        () => logsOf(docker, capture),
        (log) => log.includes('listening on eth0'),
      );
      const sent = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          stacks.a.ask<MessageView>(['send', 'b', 'handoff'], `wait 2 seconds, number ${i}`),
        ),
      );
      // What still waits to be handed over would take turns with the one that is sent later.
      for (const { id } of sent) await whenHandedOver(id);
      const tailscale = docker.getContainer(stacks.a.container('tailscale'));
      await tailscale.kill();
      const later = await stacks.a.ask<MessageView>(['send', 'b', 'handoff'], 'sent into the dark');
      try {
        await waitForAttempts(later.id, 2);
        const packets = packetsIn(await logsOf(docker, capture));
        expect(packets, 'packets for the tailnet on eth0').toEqual([]);
        await proveTheCaptureSees(capture, node.ipv4);
      } finally {
        await tailscale.start();
        await whenHealthy(docker, stacks.a, 'tailscale');
      }
      for (const { id } of [...sent, later]) await whenAnswered(id);
      await docker.getContainer(capture).remove({ force: true });
    });
  });

  const packetsIn = (log: string) => log.split('\n').filter((line) => line.includes(' > '));

  /** An ordinary connection, not bound to the tailnet address, does leave by eth0 now: so a leak would have been seen. */
  async function proveTheCaptureSees(capture: string, address: string): Promise<void> {
    const { docker, stacks } = ground().lab;
    await connectFrom(docker, stacks.a.container('proxy'), address, [8080]);
    await eventually(
      'the capture sees an unbound connection',
      () => logsOf(docker, capture),
      (log) => packetsIn(log).length > 0,
      10_000,
    );
  }

  const show = (id: string) =>
    ground().lab.stacks.a.ask<MessageView & { attempts: number }>(['messages', 'show', id]);

  const waitForAttempts = (id: string, least: number) =>
    eventually(
      'the sender kept trying',
      () => show(id),
      ({ attempts }) => attempts >= least,
      90_000,
    );

  const whenHandedOver = (id: string) =>
    eventually(
      `message ${id} is with the peer`,
      () => show(id),
      ({ state }) => state !== 'queued',
    );

  const whenAnswered = (id: string) =>
    eventually(
      `message ${id} is answered`,
      () => show(id),
      ({ state }) => state === 'answered',
      120_000,
    );
}
