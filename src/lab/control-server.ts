import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { startContainer } from './containers.ts';
import { eventually } from './eventually.ts';
import { execIn, mustExec } from './exec.ts';
import { labImage } from './images.ts';
import type { LabName } from './names.ts';
import type { LabNetwork } from './network.ts';
import { stateDir } from './state-dir.ts';

/** The test tailnet's control server: headscale with its own DERP relay and no policy, which means allow all. */
export interface ControlServer {
  readonly container: string;
  readonly url: string;
  /** A one-off auth key, good for one node and one hour. */
  createAuthKey(): Promise<string>;
  /**
   * Takes the node that has this address off the tailnet. The next node that comes gets the address, which takes a
   * restart: a control server that runs gives out each address once.
   */
  freeAddress(ipv4: string): Promise<void>;
}

const config = (url: string) => `
server_url: ${url}
listen_addr: 0.0.0.0:8080
metrics_listen_addr: 127.0.0.1:9090
noise: { private_key_path: /data/noise.key }
prefixes: { v4: 100.64.0.0/10, allocation: sequential }
derp:
  server: { enabled: true, region_id: 999, region_code: lab, region_name: lab, stun_listen_addr: "0.0.0.0:3478", private_key_path: /data/derp.key }
  urls: []
  paths: []
  auto_update_enabled: false
database: { type: sqlite, sqlite: { path: /data/db.sqlite } }
dns: { magic_dns: true, base_domain: lab.internal, override_local_dns: false }
unix_socket: /data/headscale.sock
policy: { mode: file, path: "" }
logtail: { enabled: false }
disable_check_updates: true
`;

async function createAuthKey(docker: Docker, container: string): Promise<string> {
  const command = [
    'headscale',
    'preauthkeys',
    'create',
    '--user',
    '1',
    '--expiration',
    '1h',
    '--output',
    'json',
  ];
  const { key } = JSON.parse(await mustExec(docker, container, command)) as { key: string };
  return key;
}

async function whenServing(docker: Docker, container: string): Promise<void> {
  const healthy = () => execIn(docker, container, ['headscale', 'health']);
  await eventually('headscale is healthy', healthy, ({ exitCode }) => exitCode === 0);
}

interface NodeView {
  readonly id: number;
  readonly ip_addresses: readonly string[];
}

async function freeAddress(docker: Docker, container: string, ipv4: string): Promise<void> {
  const listed = await mustExec(docker, container, ['headscale', 'nodes', 'list', '--output', 'json']);
  const node = (JSON.parse(listed) as readonly NodeView[]).find((one) => one.ip_addresses.includes(ipv4));
  if (node === undefined) throw new Error(`headscale knows no node with the address ${ipv4}`);
  const id = String(node.id);
  await mustExec(docker, container, ['headscale', 'nodes', 'delete', '--identifier', id, '--force']);
  await docker.getContainer(container).restart();
  await whenServing(docker, container);
}

export async function startControlServer(
  docker: Docker,
  lab: LabName,
  network: LabNetwork,
): Promise<ControlServer> {
  const ipv4 = `${network.prefix}.2`;
  const url = `http://${ipv4}:8080`;
  const directory = join(stateDir(lab), 'headscale');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'config.yaml'), config(url));
  const container = await startContainer(docker, lab, {
    name: 'headscale',
    image: labImage('HEADSCALE'),
    entrypoint: ['headscale'],
    command: ['serve'],
    binds: [`${directory}:/etc/headscale:ro`],
    volumes: ['/data'],
    ipv4,
  });
  await whenServing(docker, container);
  await mustExec(docker, container, ['headscale', 'users', 'create', 'lab']);
  return {
    container,
    url,
    createAuthKey: () => createAuthKey(docker, container),
    freeAddress: (address) => freeAddress(docker, container, address),
  };
}
