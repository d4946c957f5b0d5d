import { networkInterfaces } from 'node:os';
import type Docker from 'dockerode';
import { labelsOf, networkOf, type LabName } from './names.ts';

/** The lab's network: `prefix` is the first three octets, the fourth is the caller's. */
export interface LabNetwork {
  readonly name: string;
  readonly prefix: string;
}

function prefixOf(address: string): string {
  return address.split('.').slice(0, 3).join('.');
}

async function takenPrefixes(docker: Docker): Promise<Set<string>> {
  const networks = await docker.listNetworks();
  const subnets = networks.flatMap((network) => network.IPAM?.Config ?? []).map(({ Subnet }) => Subnet ?? '');
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set([...subnets.map(prefixOf), ...own.map(({ address }) => prefixOf(address))]);
}

/**
 * An `internal` network: no route out, so nothing that a container sends to 100.64.0.0/10 outside its tunnel can
 * leave the machine. The control server needs a fixed address (a host name over plain http sends tailscaled to
 * port 443 on its second try), hence the subnet of our own choosing.
 */
export async function createNetwork(docker: Docker, lab: LabName): Promise<LabNetwork> {
  const taken = await takenPrefixes(docker);
  const free = Array.from({ length: 200 }, (_, i) => `172.31.${i + 20}`).find((prefix) => !taken.has(prefix));
  if (free === undefined)
    throw new Error('no free subnet in 172.31.20.0-172.31.219.255: remove unused Docker networks');
  const name = networkOf(lab);
  await docker.createNetwork({
    Name: name,
    Internal: true,
    Labels: labelsOf(lab),
    IPAM: { Driver: 'default', Config: [{ Subnet: `${free}.0/24`, Gateway: `${free}.1` }] },
  });
  return { name, prefix: free };
}
