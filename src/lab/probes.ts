import type Docker from 'dockerode';
import { mustExec } from './exec.ts';
import { nodeProgram } from './node-program.ts';

/** How a TCP connection attempt from inside a container ended. */
export type ConnectResult = 'open' | 'refused' | 'timeout' | 'unreachable';

const CONNECT = `
const { host, ports } = JSON.parse(stdin);
const net = require('node:net');
const KINDS = { ECONNREFUSED: 'refused', ETIMEDOUT: 'timeout', EHOSTUNREACH: 'unreachable', ENETUNREACH: 'unreachable' };
const probe = (port) => new Promise((resolve) => {
  const socket = net.connect({ host, port });
  const end = (result) => { socket.destroy(); resolve([port, result]); };
  socket.setTimeout(8000, () => end('timeout'));
  socket.once('connect', () => end('open')).once('error', (error) => end(KINDS[error.code] ?? error.code));
});
(async () => {
  const results = [];
  for (let i = 0; i < ports.length; i += 500) results.push(...await Promise.all(ports.slice(i, i + 500).map(probe)));
  console.log(JSON.stringify(results));
})();`;

const REQUEST = `
const { url, method, headers, body } = JSON.parse(stdin);
fetch(url, { method, headers, body, signal: AbortSignal.timeout(10000), redirect: 'manual' })
  .then(async (response) => console.log(JSON.stringify({ status: response.status, body: await response.text(), retryAfter: response.headers.get('retry-after') })))
  .catch((error) => console.log(JSON.stringify({ status: 0, body: String(error.cause?.code ?? error.message), retryAfter: null })));`;

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  /** 0 when there was none; then `body` says why. */
  readonly status: number;
  readonly body: string;
  /** The header of that name. */
  readonly retryAfter: string | null;
}

async function runNode(docker: Docker, container: string, script: string, input: unknown): Promise<unknown> {
  return JSON.parse(await mustExec(docker, container, nodeProgram(script), JSON.stringify(input)));
}

/** Tries each port from inside the container's namespace. */
export async function connectFrom(
  docker: Docker,
  container: string,
  host: string,
  ports: readonly number[],
): Promise<ReadonlyMap<number, ConnectResult>> {
  return new Map((await runNode(docker, container, CONNECT, { host, ports })) as [number, ConnectResult][]);
}

/** One HTTP request from inside the container's namespace; headers travel by stdin, never by argument. */
export async function requestFrom(
  docker: Docker,
  container: string,
  request: HttpRequest,
): Promise<HttpAnswer> {
  return (await runNode(docker, container, REQUEST, request)) as HttpAnswer;
}
