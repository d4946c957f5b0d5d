import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { startFakeLocalApi, tailnetNode, tailnetState, type TailnetState } from './fake-tailnet.ts';
import { ask, type Answered, type Asking } from './local-stack.ts';
import { freePort } from './run-main.ts';
import { tempFolder } from './temp-folder.ts';

const CHILD = fileURLToPath(new URL('stack-child.ts', import.meta.url));

/** One machine: its folder, its node and, most of the time, its proxy. */
export interface Machine {
  readonly name: string;
  readonly tailnet: TailnetState;
  readonly dataDir: string;
  /** Where it listens for peers. */
  readonly peerPort: number;
  /** The log of the proxy that runs, or ran last. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Starts the proxy; with a fault point, it will kill itself there. Resolves when it serves. */
  start(fault?: string): Promise<void>;
  /** Resolves when the proxy has killed itself, or is killed by this. */
  died(): Promise<void>;
  kill(): Promise<void>;
  /** The loopback API, as the owner. */
  api(path: string, asking?: Omit<Asking, 'token'>): Promise<Answered>;
  post(path: string, body?: object): Promise<Answered>;
  /** Hands a message in as the agent does. */
  submitAsAgent(draft: object): Promise<Answered>;
}

export interface MachineOptions {
  readonly name: string;
  readonly address: string;
  readonly peerPort: number;
  readonly env?: Readonly<Record<string, string>>;
}

function collectLines(child: ChildProcess, onLine: (line: Record<string, unknown>) => void): void {
  if (child.stdout === null) return;
  createInterface({ input: child.stdout }).on('line', (text) =>
    onLine(JSON.parse(text) as Record<string, unknown>),
  );
}

async function createMachine({ name, address, peerPort, env = {} }: MachineOptions): Promise<Machine> {
  const self = { ...tailnetNode(`n${name}`, address), dnsName: `${name}.lab.internal`, hostName: name };
  const tailnet = tailnetState(self);
  const localApi = await startFakeLocalApi(tailnet);
  onTestFinished(() => localApi.close());
  const dataDir = tempFolder();
  const [localPort, gatewayPort] = [await freePort(), await freePort()];
  let lines: Record<string, unknown>[] = [];
  let child: ChildProcess | null = null;
  let ended: Promise<unknown> = Promise.resolve();
  const variables = {
    AGENT_PEER_DATA_DIR: dataDir,
    AGENT_PEER_NAME: name,
    AGENT_PEER_PORT: String(peerPort),
    AGENT_PEER_LOCAL_PORT: String(localPort),
    AGENT_PEER_GATEWAY_URL: `ws://127.0.0.1:${gatewayPort}`,
    AGENT_PEER_TAILSCALE_SOCKET: localApi.socketPath,
    ...env,
  };
  const start = async (fault = ''): Promise<void> => {
    lines = [];
    const started = Promise.withResolvers<undefined>();
    const running = spawn(process.execPath, [CHILD], {
      env: { ...variables, TEST_ADDRESS: address, TEST_FAULT: fault },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = running;
    ended = once(running, 'close').then(() =>
      started.reject(new Error(`${name} ended: ${JSON.stringify(lines)}`)),
    );
    collectLines(running, (line) => {
      lines.push(line);
      if (line['event'] === 'started') started.resolve(undefined);
    });
    await started.promise;
  };
  const kill = async (): Promise<void> => {
    child?.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  const token = (role: 'owner' | 'agent') => readFileSync(join(dataDir, `${role}-token`), 'utf8').trim();
  const api: Machine['api'] = (path, asking = {}) =>
    ask(localPort, `/api/v1${path}`, { ...asking, token: token('owner') });
  return {
    name,
    tailnet,
    dataDir,
    peerPort,
    get lines() {
      return lines;
    },
    start,
    died: async () => {
      await ended;
    },
    kill,
    api,
    post: (path, body) => api(path, { method: 'POST', ...(body === undefined ? {} : { body }) }),
    submitAsAgent: (body) =>
      ask(localPort, '/api/v1/messages', { method: 'POST', body, token: token('agent') }),
  };
}

/** Machines of one tailnet that know each other. None is started. */
export async function createMachines(
  names: readonly string[],
  envOf: (name: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<readonly Machine[]> {
  const peerPort = await freePort();
  const subnet = 1 + (process.pid % 250);
  const machines = await Promise.all(
    names.map((name, index) =>
      createMachine({ name, address: `127.77.${subnet}.${index + 1}`, peerPort, env: envOf(name) }),
    ),
  );
  for (const machine of machines) {
    const others = machines.filter((one) => one !== machine);
    machine.tailnet.peers.push(...others.flatMap(({ tailnet: { self } }) => (self === null ? [] : [self])));
  }
  return machines;
}
