import { expect, it } from 'vitest';
import { eventually } from '../../../src/lab/eventually.ts';
import { mustExec } from '../../../src/lab/exec.ts';
import { statusOf } from '../../../src/lab/pairing.ts';
import { requestFrom } from '../../../src/lab/probes.ts';
import { stolenTokenRequest } from '../../../src/lab/refusals.ts';
import type { Stack } from '../../../src/lab/stack.ts';
import { tokensOf } from '../../../src/lab/unseal.ts';
import { kill, restart, strike } from '../../harness/blows.ts';
import { SMALL, type FaultStacks } from '../../harness/fault-stacks.ts';
import type { WithGround } from '../../harness/ground.ts';
import { listMessages } from '../../harness/proxy-scripts.ts';
import { timedPart } from '../../harness/timed-part.ts';
import { createTraffic } from '../../harness/traffic.ts';

const FILLER = `${SMALL}/filler`;
/** To the last block: what a large one leaves free, the small ones take. */
const FILL = [65536, 4096, 512]
  .map((bytes, part) => `dd if=/dev/zero of=${FILLER}${part} bs=${bytes} 2>/dev/null`)
  .join('; ');
const BEFORE = 'accepted before the disk was full';

async function stateOf(stack: Stack, peer: string): Promise<string | undefined> {
  const { peers } = await stack.ask<{ peers: readonly { name: string; state: string }[] }>(['peers', 'list']);
  return peers.find(({ name }) => name === peer)?.state;
}

export function fullDisk(ground: WithGround, stacks: () => FaultStacks): void {
  timedPart('a full disk', () => {
    const inKeeper = (script: string) => mustExec(ground().lab.docker, stacks().keeper, ['sh', '-c', script]);

    /** A message of a's own making, as its proxy would hand it over. */
    async function offer() {
      const { docker, stacks: both } = ground().lab;
      const { node } = await statusOf(both.b);
      const token = (await tokensOf(docker, both.a))['b'] ?? '';
      return stolenTokenRequest(node.ipv4, token, 'for a disk that is full');
    }

    it('takes nothing new, loses nothing that it took, and a peer can still be paused and revoked', async () => {
      const { lab, stranger } = ground();
      const { docker } = lab;
      const { a, b } = lab.stacks;
      await b.ask(['peers', 'add', 'spare', '--node', stranger.ipv4]);
      const request = await offer();
      // A log of changes that is long already has room for one more, however full the disk is; a stop begins it anew.
      await strike(lab, b, ['proxy'], restart);
      const traffic = createTraffic(lab);
      await traffic.send(BEFORE, { each: 3, seconds: 3 });
      const taken = async () =>
        (await listMessages(docker, b)).filter(
          ({ direction, text }) => direction === 'inbound' && text.includes(BEFORE),
        ).length;
      await eventually('b has them all', taken, (count) => count === 3);
      await inKeeper(`${FILL}; true`);
      try {
        const refused = await requestFrom(docker, a.container('proxy'), request);
        expect([refused.status, refused.body]).toEqual([503, expect.stringContaining('storage-unavailable')]);
        expect(Number(refused.retryAfter)).toBeGreaterThan(0);
        const own = await b.cli(['send', 'a', 'handoff', '--json'], 'from a disk that is full');
        expect(own.stderr).toContain('storage-unavailable');
        await b.ask(['pause', 'spare']);
        expect(await stateOf(b, 'spare')).toBe('paused');
        await b.ask(['peers', 'revoke', 'spare', '--yes']);
        await strike(lab, b, ['proxy'], kill);
        expect(await stateOf(b, 'spare')).toBe('revoked');
      } finally {
        await inKeeper(`rm -f ${FILLER}*`);
      }
      await traffic.send('after the disk had room again', { each: 1 });
      await traffic.expectAllOnce('a full disk, and a kill on it');
    }, 900_000);
  });
}
