import { expect, it } from 'vitest';
import { whileStopped } from '../../../src/lab/data-edit.ts';
import { eventually } from '../../../src/lab/eventually.ts';
import { exchange, recordsOf, type MessageView } from '../../../src/lab/exchange.ts';
import { mustExec } from '../../../src/lab/exec.ts';
import { whenHealthy } from '../../../src/lab/stack.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';

const PASSPHRASE = 'six green boats beside an old pier';
const FILES = ['/data/a.age', '--passphrase-file', '/data/passphrase'];

interface PeersView {
  readonly peers: readonly { readonly name: string; readonly state: string }[];
}

export function restore(ground: WithGround): void {
  timedPart('restore', () => {
    it('brings a stack back with its peers paused; what they send is kept, and run once when the owner agrees', async () => {
      const { docker, name, stacks, model } = ground().lab;
      const { a, b } = stacks;
      ground().secretsMade.push(['passphrase of the restored backup', PASSPHRASE]);
      await mustExec(
        docker,
        a.container('proxy'),
        ['sh', '-c', 'umask 077 && cat > /data/passphrase'],
        PASSPHRASE,
      );
      await a.ask(['backup', ...FILES]);
      const after = await exchange(b, a, model, 'sent after the backup was taken');
      await whileStopped(docker, name, a, (container) =>
        mustExec(docker, container, ['agent-peer', 'restore', ...FILES, '--yes']),
      );
      await mustExec(docker, a.container('proxy'), ['rm', '/data/a.age', '/data/passphrase']);
      await whenHealthy(docker, a, 'proxy');
      const { peers } = await a.ask<PeersView>(['peers', 'list']);
      expect(peers.find((peer) => peer.name === 'b')?.state).toBe('paused');

      const sent = await b.ask<MessageView>(['send', 'a', 'handoff'], 'sent to a paused stack');
      const read = () => b.ask<MessageView>(['messages', 'show', sent.id]);
      await eventually(
        'a keeps b out',
        read,
        ({ detail }) => detail?.startsWith('peer-paused') === true,
        30_000,
      );
      await a.ask(['peers', 'confirm', 'b', '--yes']);
      // A stack that is paused says when to ask again; b's owner does not wait that long.
      await b.ask(['messages', 'retry', sent.id]);
      const done = await eventually(
        'the message is answered',
        read,
        ({ state }) => state === 'answered',
        90_000,
      );
      expect(await recordsOf(model, a, done)).toHaveLength(1);
      expect(await recordsOf(model, a, after.message)).toHaveLength(1);
      await exchange(a, b, model, 'and the other way');
    });
  });
}
