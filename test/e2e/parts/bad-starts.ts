import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { removeStack } from '../../../src/lab/cleanup.ts';
import { logsOf, startContainer } from '../../../src/lab/containers.ts';
import { eventually } from '../../../src/lab/eventually.ts';
import { labImage } from '../../../src/lab/images.ts';
import { launchStack, type StackOptions } from '../../../src/lab/stack.ts';
import { stateDir } from '../../../src/lab/state-dir.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';

const override = (name: string) => fileURLToPath(new URL(`../overrides/${name}.yml`, import.meta.url));

export function badStarts(ground: WithGround): void {
  timedPart('bad starts', () => {
    afterEach(async () => {
      const { docker, name } = ground().lab;
      await removeStack(docker, name, 'c');
    });

    it('refuses to serve in userspace mode, where the gateway would answer the whole tailnet', async () => {
      const log = await proxyLogOf({ files: [override('userspace')] }, 'tailnet-userspace');
      expect(log).toMatch(/tailnet-userspace.*TS_USERSPACE=false/);
      expect(log).not.toContain('listening');
    });

    it('says that the auth key was not accepted when it was used before', async () => {
      const { control } = ground().lab;
      const usedKey = join(stateDir(ground().lab.name), 'a', 'ts-authkey');
      const used = { ...control, createAuthKey: () => readFile(usedKey, 'utf8') };
      const log = await proxyLogOf({ environment: SHORT_WAIT }, 'tailnet-not-running', used);
      expect(log).toMatch(/tailnet-not-running.*NeedsLogin.*auth key/s);
    });

    it('says what is missing without /dev/net/tun', async () => {
      const log = await proxyLogOf(
        { files: [override('no-tun')], environment: SHORT_WAIT },
        '"code":"tailnet-',
      );
      expect(log).toMatch(/"code":"tailnet-(unavailable|not-running)"/);
    });

    it('refuses a second proxy on one data volume, and the first goes on', async () => {
      const { docker, name, stacks } = ground().lab;
      const { Mounts } = await docker.getContainer(stacks.b.container('proxy')).inspect();
      const second = await startContainer(docker, name, {
        name: 'second-proxy',
        image: labImage('PROXY'),
        binds: Mounts.flatMap(({ Name, Destination }) =>
          Name === undefined ? [] : [`${Name}:${Destination}`],
        ),
        namespaceOf: stacks.b.container('netns'),
      });
      await eventually(
        'the second proxy gives up',
        () => logsOf(docker, second),
        (log) => log.includes('storage-locked'),
        30_000,
      );
      await docker.getContainer(second).remove({ force: true });
      expect((await stacks.b.cli(['status'])).exitCode).toBe(0);
    });
  });

  const SHORT_WAIT = { AGENT_PEER_TAILNET_WAIT_SECONDS: '5' };

  /** Starts stack c wrongly, without a gateway, and reads its proxy's log when it holds `word`. */
  async function proxyLogOf(
    options: StackOptions,
    word: string,
    control = ground().lab.control,
  ): Promise<string> {
    const { docker, name } = ground().lab;
    const stack = await launchStack(docker, name, 'c', control, { ...options, gateway: false });
    return eventually(
      `the proxy says ${word}`,
      () => stack.logs('proxy'),
      (log) => log.includes(word),
      60_000,
    );
  }
}
