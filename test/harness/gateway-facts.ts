import type Docker from 'dockerode';
import { mustExec } from '../../src/lab/exec.ts';
import { callGateway, GATEWAY_HOME } from '../../src/lab/gateway-calls.ts';
import type { Stack } from '../../src/lab/stack.ts';

/** What a real gateway has, as far as a request could change it. */
export interface GatewayFacts {
  /** By key; `rows` of its transcript. */
  readonly sessions: Readonly<Record<string, { readonly sessionId: string; readonly rows: number }>>;
  readonly config: string;
  readonly devices: readonly string[];
  readonly waitingDevices: number;
  readonly nodes: number;
  readonly jobs: readonly string[];
  /** Digests and names of the files in the agents' workspaces. */
  readonly files: string;
}

interface Answers {
  readonly sessions: { readonly sessions: readonly { readonly key: string; readonly sessionId: string }[] };
  readonly config: { readonly hash: string };
  readonly devices: {
    readonly paired: readonly { readonly deviceId: string; readonly scopes: readonly string[] }[];
    readonly pending: readonly unknown[];
  };
  readonly nodes: { readonly nodes: readonly unknown[] };
  readonly jobs: { readonly jobs: readonly { readonly id: string }[] };
}

const FILES = `cd ${GATEWAY_HOME} && find . -path './workspace*' -type f -exec sha256sum {} + | sort`;

async function answersOf(docker: Docker, stack: Stack): Promise<Answers> {
  const [sessions, config, devices, nodes, jobs] = await callGateway(docker, stack, [
    ['sessions.list', { limit: 500, includeGlobal: true, includeUnknown: true }],
    ['config.get', {}],
    ['device.pair.list', {}],
    ['node.list', {}],
    ['cron.list', { includeDisabled: true }],
  ]);
  return { sessions, config, devices, nodes, jobs } as Answers;
}

export async function gatewayFacts(docker: Docker, stack: Stack): Promise<GatewayFacts> {
  const files = await mustExec(docker, stack.container('gateway'), ['sh', '-c', FILES]);
  const { sessions, config, devices, nodes, jobs } = await answersOf(docker, stack);
  const histories = await callGateway(
    docker,
    stack,
    sessions.sessions.map(({ key }) => ['chat.history', { sessionKey: key, limit: 1 }] as const),
  );
  const rows = histories.map((history) => (history as { readonly totalMessages: number }).totalMessages);
  return {
    sessions: Object.fromEntries(
      sessions.sessions.map(({ key, sessionId }, i) => [key, { sessionId, rows: rows[i] ?? 0 }]),
    ),
    config: config.hash,
    devices: devices.paired.map(({ deviceId, scopes }) => `${deviceId} ${scopes.join(' ')}`).sort(),
    waitingDevices: devices.pending.length,
    nodes: nodes.nodes.length,
    jobs: jobs.jobs.map(({ id }) => id).sort(),
    files,
  };
}
