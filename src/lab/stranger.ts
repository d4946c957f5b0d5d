import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { startContainer } from './containers.ts';
import type { ControlServer } from './control-server.ts';
import { eventually } from './eventually.ts';
import { execIn } from './exec.ts';
import { labImage } from './images.ts';
import type { LabName } from './names.ts';
import { stateDir } from './state-dir.ts';

/** A node of the same tailnet without a stack: where a stolen token is tried. */
export interface Stranger {
  /** Has Node, in the stranger's namespace. */
  readonly container: string;
  readonly ipv4: string;
}

export async function startStranger(
  docker: Docker,
  lab: LabName,
  control: ControlServer,
  name = 'stranger',
): Promise<Stranger> {
  const directory = join(stateDir(lab), name);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'key'), await control.createAuthKey(), { mode: 0o600 });
  const container = await startContainer(docker, lab, {
    name,
    image: labImage('NODE_BASE'),
    entrypoint: ['sleep'],
    command: ['infinity'],
  });
  const tailscale = await startContainer(docker, lab, {
    name: `${name}-tailscale`,
    image: labImage('TAILSCALE'),
    namespaceOf: container,
    capabilities: ['NET_ADMIN'],
    tun: true,
    tmpfs: ['/tmp', '/var/lib/tailscale', '/var/run/tailscale'],
    binds: [`${directory}:/run/secrets:ro`],
    env: {
      TS_AUTHKEY: 'file:/run/secrets/key',
      TS_STATE_DIR: '/var/lib/tailscale',
      TS_SOCKET: '/var/run/tailscale/tailscaled.sock',
      TS_USERSPACE: 'false',
      TS_HOSTNAME: name,
      TS_EXTRA_ARGS: `--login-server=${control.url}`,
      TS_DEBUG_USE_DERP_HTTP: 'true',
      TS_DEBUG_FIREWALL_MODE: 'nftables',
      TS_NO_LOGS_NO_SUPPORT: 'true',
    },
  });
  const read = () => execIn(docker, tailscale, ['tailscale', 'ip', '-4']);
  const { stdout } = await eventually(`${name} is on the tailnet`, read, ({ exitCode }) => exitCode === 0);
  return { container, ipv4: stdout.trim() };
}
