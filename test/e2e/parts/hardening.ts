import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { mustExec } from '../../../src/lab/exec.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';

const run = promisify(execFile);
const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const MIB = 1024 * 1024;

export function hardening(ground: WithGround): void {
  timedPart('hardening', () => {
    it('runs the proxy without root, without capabilities, on a read-only root', async () => {
      const { docker, stacks } = ground().lab;
      const proxy = stacks.b.container('proxy');
      const { Config, HostConfig } = await docker.getContainer(proxy).inspect();
      expect(Config.User).toMatch(/^[1-9]\d*(:[1-9]\d*)?$/);
      expect(HostConfig.ReadonlyRootfs).toBe(true);
      const status = await mustExec(docker, proxy, ['cat', '/proc/1/status']);
      expect(status).toMatch(/^Uid:\s+[1-9]/m);
      expect(status).toMatch(/^CapEff:\s+0+$/m);
      expect(status).toMatch(/^CapBnd:\s+0+$/m);
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    });

    it('publishes no port', async () => {
      const { docker, stacks } = ground().lab;
      for (const service of ['netns', 'tailscale', 'proxy', 'gateway'] as const) {
        const { NetworkSettings } = await docker.getContainer(stacks.b.container(service)).inspect();
        const ports = NetworkSettings.Ports as Record<string, unknown[] | null> | null;
        const published = Object.values(ports ?? {}).filter((hosts) => (hosts ?? []).length > 0);
        expect(published, service).toEqual([]);
      }
    });

    it('needs less than 120 MiB for an idle proxy', async () => {
      const { docker, stacks } = ground().lab;
      const { memory_stats } = await docker
        .getContainer(stacks.b.container('proxy'))
        .stats({ stream: false });
      // The name depends on the version of the kernel's control groups.
      const { inactive_file, total_inactive_file } = memory_stats.stats as {
        inactive_file?: number;
        total_inactive_file?: number;
      };
      const reclaimable = total_inactive_file ?? inactive_file ?? 0;
      const mebibytes = (memory_stats.usage - reclaimable) / MIB;
      console.log(`e2e  memory of the proxy: ${mebibytes.toFixed(1)} MiB`);
      expect(mebibytes).toBeGreaterThan(1);
      expect(mebibytes).toBeLessThan(120);
    });

    it('has a Compose file that is clean as a user starts it', async () => {
      const env = {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        DOCKER_CONFIG: process.env['DOCKER_CONFIG'],
      };
      const { stderr } = await run('docker', ['compose', '--profile', 'gateway', 'config', '--quiet'], {
        cwd: REPOSITORY,
        env,
      });
      expect(stderr).toBe('');
    });
  });
}
