import { rm } from 'node:fs/promises';
import type Docker from 'dockerode';
import { LABEL, STACKS, projectOf, type LabName, type StackName } from './names.ts';
import { stateDir } from './state-dir.ts';

const COMPOSE_PROJECT = 'com.docker.compose.project';

export interface Removed {
  readonly containers: number;
  readonly networks: number;
  readonly volumes: number;
}

type Filters = { label: string[] };

const filtersOfStack = (lab: LabName, stack: StackName): Filters => ({
  label: [`${COMPOSE_PROJECT}=${projectOf(lab, stack)}`],
});

/** Filters of everything one lab made: by our own label, and by Compose's for what Compose made for us. */
function filtersOf(lab: LabName): Filters[] {
  return [{ label: [`${LABEL}=${lab.lab}`] }, ...STACKS.map((stack) => filtersOfStack(lab, stack))];
}

async function unique(lists: Promise<readonly string[]>[]): Promise<string[]> {
  return [...new Set((await Promise.all(lists)).flat())];
}

async function removeContainers(docker: Docker, filters: readonly Filters[]): Promise<number> {
  const ids = await unique(
    filters.map(async (filter) =>
      (await docker.listContainers({ all: true, filters: filter })).map(({ Id }) => Id),
    ),
  );
  await Promise.all(ids.map((id) => docker.getContainer(id).remove({ force: true, v: true })));
  return ids.length;
}

async function removeVolumes(docker: Docker, filters: readonly Filters[]): Promise<number> {
  const names = await unique(
    filters.map(async (filter) =>
      (await docker.listVolumes({ filters: filter })).Volumes.map(({ Name }) => Name),
    ),
  );
  await Promise.all(names.map((name) => docker.getVolume(name).remove()));
  return names.length;
}

async function removeNetworks(docker: Docker, filters: readonly Filters[]): Promise<number> {
  const ids = await unique(
    filters.map(async (filter) => (await docker.listNetworks({ filters: filter })).map(({ Id }) => Id)),
  );
  await Promise.all(ids.map((id) => docker.getNetwork(id).remove()));
  return ids.length;
}

/** Removes one stack's containers and volumes. */
export async function removeStack(docker: Docker, lab: LabName, stack: StackName): Promise<void> {
  const filters = [filtersOfStack(lab, stack)];
  await removeContainers(docker, filters);
  await removeVolumes(docker, filters);
}

/** Removes what this lab made, found by label, and nothing else. Works without its files and while half made. */
export async function removeLab(docker: Docker, lab: LabName): Promise<Removed> {
  const filters = filtersOf(lab);
  const containers = await removeContainers(docker, filters);
  const volumes = await removeVolumes(docker, filters);
  const networks = await removeNetworks(docker, filters);
  await rm(stateDir(lab), { recursive: true, force: true });
  return { containers, networks, volumes };
}
