import type Docker from 'dockerode';
import type { ContainerCreateOptions } from 'dockerode';
import { containerOf, labelsOf, networkOf, type LabName } from './names.ts';

export interface ContainerSpec {
  /** Also its name on the lab's network. */
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `source:target[:ro]` */
  readonly binds?: readonly string[];
  readonly ipv4?: string;
  /** Shares another container's namespace instead of joining the lab's network. */
  readonly namespaceOf?: string;
  readonly user?: string;
  readonly capabilities?: readonly string[];
  readonly tun?: boolean;
  readonly tmpfs?: readonly string[];
  /** Paths that outlive a restart, and go with the container. */
  readonly volumes?: readonly string[];
}

const TUN = { PathOnHost: '/dev/net/tun', PathInContainer: '/dev/net/tun', CgroupPermissions: 'rwm' };

function hostConfig(spec: ContainerSpec, network: string): ContainerCreateOptions['HostConfig'] {
  return {
    NetworkMode: spec.namespaceOf === undefined ? network : `container:${spec.namespaceOf}`,
    Binds: [...(spec.binds ?? [])],
    CapAdd: [...(spec.capabilities ?? [])],
    Devices: spec.tun === true ? [TUN] : [],
    Tmpfs: Object.fromEntries((spec.tmpfs ?? []).map((path) => [path, ''])),
    Init: true,
    RestartPolicy: { Name: 'unless-stopped' },
  };
}

function networking(
  spec: ContainerSpec,
  network: string,
): Pick<ContainerCreateOptions, 'NetworkingConfig' | 'Hostname'> {
  if (spec.namespaceOf !== undefined) return {};
  const endpoint = { Aliases: [spec.name], ...(spec.ipv4 && { IPAMConfig: { IPv4Address: spec.ipv4 } }) };
  return { Hostname: spec.name, NetworkingConfig: { EndpointsConfig: { [network]: endpoint } } };
}

/** Starts one of the lab's own containers (not a stack's: those are Compose's). @returns its full name. */
export async function startContainer(docker: Docker, lab: LabName, spec: ContainerSpec): Promise<string> {
  const network = networkOf(lab);
  const name = containerOf(lab, spec.name);
  const container = await docker.createContainer({
    name,
    Image: spec.image,
    Labels: labelsOf(lab),
    Env: Object.entries(spec.env ?? {}).map(([key, value]) => `${key}=${value}`),
    ...(spec.command && { Cmd: [...spec.command] }),
    ...(spec.entrypoint && { Entrypoint: [...spec.entrypoint] }),
    ...(spec.user && { User: spec.user }),
    ...(spec.volumes && { Volumes: Object.fromEntries(spec.volumes.map((path) => [path, {}])) }),
    ...networking(spec, network),
    HostConfig: hostConfig(spec, network) ?? {},
  });
  await container.start();
  return name;
}

export interface ContainerHealth {
  readonly running: boolean;
  /** `none` when the image has no health check. */
  readonly health: string;
  readonly exitCode: number;
  readonly restarts: number;
}

export async function healthOf(docker: Docker, name: string): Promise<ContainerHealth> {
  const { State, RestartCount } = await docker.getContainer(name).inspect();
  return {
    running: State.Running,
    health: State.Health?.Status ?? 'none',
    exitCode: State.ExitCode,
    restarts: RestartCount,
  };
}

/** The last lines of a container's log, both streams together. */
export async function logsOf(docker: Docker, name: string, lines = 10_000): Promise<string> {
  const raw = await docker.getContainer(name).logs({ stdout: true, stderr: true, tail: lines });
  return demuxed(raw);
}

/** Docker frames log output: 1 byte stream, 3 bytes zero, 4 bytes length, then that many bytes. */
function demuxed(raw: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length;) {
    const end = at + 8 + raw.readUInt32BE(at + 4);
    pieces.push(raw.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(pieces).toString('utf8');
}
