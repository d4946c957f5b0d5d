import type Docker from 'dockerode';
import { mustExec } from './exec.ts';
import { nodeProgram } from './node-program.ts';
import type { Stack } from './stack.ts';

/** Method and parameters of the gateway's own protocol. */
export type GatewayCall = readonly [method: string, params: object];

/**
 * Runs beside the gateway and takes the shared token from its configuration, or from the file of variables that this
 * names, as the owner's own programs do.
 */
const CALL = `
const { existsSync, readFileSync } = require('node:fs');
const { calls, home } = JSON.parse(stdin);
if (existsSync(home + '/.env')) process.loadEnvFile(home + '/.env');
const configured = JSON.parse(readFileSync(home + '/openclaw.json', 'utf8')).gateway.auth.token;
const token = configured.replace(/^\\$\\{(\\w+)\\}$/, (_, name) => process.env[name]);
const socket = new WebSocket('ws://127.0.0.1:18789');
const waiting = new Map();
const request = (method, params) => new Promise((resolve, reject) => {
  const id = String(waiting.size);
  waiting.set(id, { resolve, reject: (error) => reject(new Error(method + ': ' + JSON.stringify(error))) });
  socket.send(JSON.stringify({ type: 'req', id, method, params }));
});
const client = { id: 'gateway-client', mode: 'backend', version: '0', platform: 'node' };
const scopes = ['operator.read', 'operator.write', 'operator.admin'];
async function run() {
  await request('connect', { minProtocol: 4, maxProtocol: 4, client, role: 'operator', scopes, caps: [], auth: { token } });
  const answers = [];
  for (const [method, params] of calls) answers.push(await request(method, params));
  process.stdout.write(JSON.stringify(answers), () => process.exit(0));
}
const fail = (error) => { console.error(error); process.exit(1); };
socket.onclose = ({ reason }) => fail('closed: ' + reason);
socket.onmessage = ({ data }) => {
  const { type, event, id, ok, payload, error } = JSON.parse(data);
  if (event === 'connect.challenge') run().catch(fail);
  if (type === 'res') ok ? waiting.get(id).resolve(payload) : waiting.get(id).reject(error);
};`;

export const GATEWAY_HOME = '/home/node/.openclaw';

/** Asks the gateway in a container as its owner, and answers in the same order. @throws at the first that is refused. */
export async function callGatewayIn(
  docker: Docker,
  container: string,
  calls: readonly GatewayCall[],
): Promise<readonly unknown[]> {
  const input = JSON.stringify({ calls, home: GATEWAY_HOME });
  const output = await mustExec(docker, container, nodeProgram(CALL), input);
  return JSON.parse(output) as readonly unknown[];
}

/** The same of a stack's gateway. */
export function callGateway(
  docker: Docker,
  stack: Stack,
  calls: readonly GatewayCall[],
): Promise<readonly unknown[]> {
  return callGatewayIn(docker, stack.container('gateway'), calls);
}
