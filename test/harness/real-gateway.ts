import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { GenericContainer, Wait } from 'testcontainers';
import { connectEngine } from '../../src/lab/engine.ts';
import { callGatewayIn, type GatewayCall } from '../../src/lab/gateway-calls.ts';
import { gatewayConfig } from '../../src/lab/gateway-home.ts';
import { labImage } from '../../src/lab/images.ts';
import { modelUrl } from '../../src/lab/model.ts';
import { openExecTunnel } from './exec-tunnel.ts';
import type { ScriptTarget, SessionChange } from './gateway-script.ts';

/** A real OpenClaw in a container of its own, with the lab's scripted model beside it. */
export interface RealGateway extends ScriptTarget {
  /** Gives it the narrow agent of docs/threat-model.md, `reader`, beside `main`. It takes a moment to notice. */
  readonly addReader: () => Promise<void>;
  /** Removes everything. */
  readonly end: () => Promise<void>;
}

const GATEWAY_PORT = 18789;
/** By address: a gateway refuses a model whose name leads to its own loopback. */
const MODEL_URL = 'http://127.0.0.1:8080/a/v1';
const START_MS = 180_000;
const MODEL = fileURLToPath(new URL('../../src/lab/scripted-model.ts', import.meta.url));
const COMMAND = [
  'cp /lab/openclaw.json "$HOME/.openclaw/openclaw.json"',
  'PORT=8080 node /lab/scripted-model.ts &',
  'exec openclaw gateway run',
].join('\n');
const RECORDS =
  "fetch('http://127.0.0.1:8080/records').then(async (r) => console.log((await r.json()).length))";
const ADD_READER = `
const { readFileSync, writeFileSync } = require('node:fs');
const file = process.env.HOME + '/.openclaw/openclaw.json';
const config = JSON.parse(readFileSync(file, 'utf8'));
const reader = { workspace: '~/.openclaw/workspace-reader', skills: [], tools: { deny: ['*'] } };
Object.assign(config.agents, { ownership: 'explicit', entries: { main: {}, reader } });
writeFileSync(file, JSON.stringify(config));`;
const READY = `node -e "fetch('http://127.0.0.1:${GATEWAY_PORT}/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"`;

/** Among the lines that are kept is the first, which is no row. */
function changeCall(key: string, how: SessionChange): GatewayCall {
  if (typeof how === 'string') return [`sessions.${how}`, { key }];
  return ['sessions.compact', { key, maxLines: how.keepRows + 1 }];
}

export async function startRealGateway(): Promise<RealGateway> {
  const sharedToken = randomBytes(24).toString('base64url');
  const config = JSON.stringify(gatewayConfig('a', sharedToken)).replace(modelUrl('a'), MODEL_URL);
  const container = await new GenericContainer(labImage('OPENCLAW'))
    .withEnvironment({ HOME: '/home/node', OPENCLAW_NO_RESPAWN: '1' })
    .withCopyContentToContainer([{ content: config, target: '/lab/openclaw.json', mode: 0o644 }])
    .withCopyFilesToContainer([{ source: MODEL, target: '/lab/scripted-model.ts', mode: 0o644 }])
    .withEntrypoint(['sh', '-c'])
    .withCommand([COMMAND])
    .withWaitStrategy(Wait.forSuccessfulCommand(READY).withStartupTimeout(START_MS))
    .start();
  const docker = await connectEngine();
  const engine = docker.getContainer(container.getId());
  const tunnel = await openExecTunnel(container.getId(), GATEWAY_PORT);

  async function devices(...args: string[]): Promise<void> {
    const { exitCode, output } = await container.exec(['openclaw', 'devices', ...args, '--json']);
    if (exitCode !== 0) throw new Error(`openclaw devices ${args.join(' ')}: ${output}`);
  }

  async function asked(): Promise<number> {
    const { output } = await container.exec(['node', '-e', RECORDS]);
    return Number(output);
  }

  async function end(): Promise<void> {
    await tunnel.close();
    await container.stop({ timeout: 0 });
  }

  return {
    url: `ws://127.0.0.1:${tunnel.port}`,
    sharedToken,
    approve: (requestId) => devices('approve', requestId),
    remove: (deviceId) => devices('remove', deviceId),
    change: async (key, how) => {
      await callGatewayIn(docker, container.getId(), [changeCall(key, how)]);
    },
    asked,
    addReader: async () => {
      const { exitCode, output } = await container.exec(['node', '-e', ADD_READER]);
      if (exitCode !== 0) throw new Error(`adding an agent: ${output}`);
    },
    kill: async () => {
      await engine.kill();
    },
    start: async () => {
      await engine.start();
    },
    end,
  };
}
