import Docker from 'dockerode';

/** The engine that DOCKER_HOST or the default socket names. @throws one clear line when none answers. */
export async function connectEngine(): Promise<Docker> {
  const docker = new Docker();
  try {
    await docker.ping();
  } catch (error) {
    throw new Error('no Docker engine answers. Start it, or run `npm run lab`, which does', { cause: error });
  }
  return docker;
}
