import { afterAll, expect, it } from 'vitest';
import { removeStack } from '../../../src/lab/cleanup.ts';
import { logsOf, startContainer } from '../../../src/lab/containers.ts';
import { eventually } from '../../../src/lab/eventually.ts';
import type { MessageView } from '../../../src/lab/exchange.ts';
import { labImage } from '../../../src/lab/images.ts';
import { pairPeers, statusOf } from '../../../src/lab/pairing.ts';
import { requestFrom } from '../../../src/lab/probes.ts';
import { startStack } from '../../../src/lab/stack.ts';
import { startStranger } from '../../../src/lab/stranger.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';

const LISTEN = `
require('node:http').createServer((_, answer) => answer.end('seen'))
  .on('connection', () => console.log('visit')).listen(8080);`;

export function takenAddress(ground: WithGround): void {
  timedPart('a taken address', () => {
    afterAll(async () => {
      const { docker, name } = ground().lab;
      await removeStack(docker, name, 'c');
    });

    it('gets nothing of what was for the peer that had it', async () => {
      const { docker, name, control, stacks } = ground().lab;
      const { a } = stacks;
      const c = await startStack(docker, name, 'c', control, { gateway: false });
      const { node } = await statusOf(c);
      const made = await pairPeers(docker, a, c);
      ground().secretsMade.push(['invite of c', made.code]);
      await removeStack(docker, name, 'c');
      await control.freeAddress(node.ipv4);

      const taker = await startStranger(docker, name, control, 'taker');
      expect(taker.ipv4).toBe(node.ipv4);
      const listener = await startContainer(docker, name, {
        name: 'taker-listener',
        image: labImage('NODE_BASE'),
        entrypoint: ['node'],
        command: ['-e', LISTEN],
        namespaceOf: taker.container,
        user: '1000:1000',
      });
      const visits = async () => (await logsOf(docker, listener)).split('visit').length - 1;
      const ask = () =>
        requestFrom(docker, a.container('proxy'), { url: `http://${taker.ipv4}:8080/`, method: 'GET' });
      await eventually('a can reach the taker of the address', ask, ({ status }) => status === 200, 120_000);
      const before = await visits();
      expect(before).toBeGreaterThan(0);

      const sent = await a.ask<MessageView>(['send', 'c', 'handoff'], 'for the node that had the address');
      const read = () => a.ask<MessageView & { attempts: number }>(['messages', 'show', sent.id]);
      const tried = await eventually('it was tried', read, ({ attempts }) => attempts >= 3, 90_000);
      expect(tried.state).toBe('queued');
      expect(tried.detail).toMatch(/^peer-node-(changed|unknown)/);
      expect(await visits()).toBe(before);
      await a.ask(['peers', 'revoke', 'c', '--yes']);
    }, 900_000);
  });
}
