import { randomBytes } from 'node:crypto';
import type Docker from 'dockerode';
import { startContainer } from './containers.ts';
import { mustExec } from './exec.ts';
import { GATEWAY_HOME as HOME } from './gateway-calls.ts';
import { labImage } from './images.ts';
import { modelUrl, type Asker } from './model.ts';
import { labelsOf, projectOf, type LabName, type StackName } from './names.ts';

const VOLUME = 'gateway-state';

/** The scripted model as the only one of a gateway's agents, and no turns but those that it is asked for. */
export function modelConfig(asker: Asker): object {
  const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const model = {
    id: 'scripted',
    name: 'scripted',
    contextWindow: 200_000,
    maxTokens: 8000,
    input: ['text'],
    reasoning: false,
    cost,
  };
  return {
    models: {
      mode: 'merge',
      providers: {
        scripted: { baseUrl: modelUrl(asker), apiKey: 'none', api: 'openai-completions', models: [model] },
      },
    },
    agents: {
      defaults: { model: { primary: 'scripted/scripted' }, skipBootstrap: true, heartbeat: { every: '0m' } },
    },
  };
}

/** A gateway's configuration: loopback only, a shared token, no approval without the owner, the scripted model. */
export function gatewayConfig(stack: StackName, sharedToken: string): object {
  return {
    gateway: {
      mode: 'local',
      port: 18789,
      bind: 'loopback',
      auth: { mode: 'token', token: sharedToken },
      nodes: { pairing: { autoApproveLocal: false } },
    },
    ...modelConfig(stack),
  };
}

const LOOPBACK = 'http://127.0.0.1:18790';

/**
 * The agent's ways to the other stack, as docs/openclaw.md and docs/loopback-a2a.md say, and no token in any of them. A user
 * needs one; here are all three.
 */
function waysToPeers(stack: StackName): object {
  const peer = stack === 'a' ? 'b' : 'a';
  // For requests to the gateway, which nobody makes.
  const token = randomBytes(24).toString('hex');
  return {
    mcp: { servers: { 'agent-peer': { url: `${LOOPBACK}/mcp`, transport: 'streamable-http' } } },
    plugins: {
      load: { paths: ['/opt/agent-peer/plugin'] },
      entries: { 'agent-peer': { enabled: true, config: {} } },
    },
    channels: {
      a2a: { enabled: true, peers: { [peer]: { token, url: `${LOOPBACK}/peers/${peer}/a2a/v1/handoff` } } },
    },
  };
}

/**
 * Writes files into a volume that is to be a gateway's home, by a container of its own that is gone afterwards. They go in
 * by stdin: as environment variables or arguments their secrets would stand in `docker inspect`.
 */
export async function writeHome(
  docker: Docker,
  lab: LabName,
  volume: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const container = await startContainer(docker, lab, {
    name: `home-${volume}`,
    image: labImage('NODE_BASE'),
    entrypoint: ['sleep'],
    command: ['300'],
    user: '0:0',
    binds: [`${volume}:${HOME}`],
  });
  for (const [file, text] of Object.entries(files))
    await mustExec(docker, container, ['sh', '-c', `umask 077 && cat > ${HOME}/${file}`], text);
  await mustExec(docker, container, ['sh', '-c', `chown -R 1000:1000 ${HOME} && chmod 700 ${HOME}`]);
  await docker.getContainer(container).remove({ force: true });
}

/** Puts the configuration into the stack's gateway volume before Compose starts it. */
export async function fillGatewayHome(
  docker: Docker,
  lab: LabName,
  stack: StackName,
  sharedToken: string,
): Promise<void> {
  const project = projectOf(lab, stack);
  const volume = `${project}_${VOLUME}`;
  const composeLabels = { 'com.docker.compose.project': project, 'com.docker.compose.volume': VOLUME };
  await docker.createVolume({ Name: volume, Labels: { ...labelsOf(lab), ...composeLabels } });
  const config = { ...gatewayConfig(stack, sharedToken), ...waysToPeers(stack) };
  await writeHome(docker, lab, volume, { 'openclaw.json': JSON.stringify(config, null, 2) });
}
