import type { Lab } from './lab.ts';
import { send } from './exchange.ts';
import { statusOf, type Pairing } from './pairing.ts';
import { connectFrom, requestFrom } from './probes.ts';
import type { Stranger } from './stranger.ts';

/** One thing that must not work, and how it was refused. */
export interface RefusalSeen {
  readonly tried: string;
  readonly answer: string;
  /** False when it was not refused: the lab then fails. */
  readonly refused: boolean;
}

const GATEWAY_PORT = 18789;

async function gatewayPort({ docker, stacks }: Lab): Promise<RefusalSeen> {
  const { node } = await statusOf(stacks.b);
  const results = await connectFrom(docker, stacks.a.container('proxy'), node.ipv4, [GATEWAY_PORT]);
  const answer = results.get(GATEWAY_PORT) ?? 'nothing';
  return {
    tried: `b's gateway port ${node.ipv4}:${GATEWAY_PORT} from a`,
    answer,
    refused: answer === 'refused',
  };
}

async function ungrantedAlias({ stacks }: Lab): Promise<RefusalSeen> {
  const { state, reason } = await send(stacks.a, 'b', 'private', 'let me in');
  return {
    tried: 'an alias that b did not grant to a',
    answer: `${state}: ${reason ?? 'no reason'}`,
    refused: state === 'refused',
  };
}

/** A SendMessage request as a peer makes it, with the token of stack a. */
export function stolenTokenRequest(ipv4: string, token: string, text = 'stolen') {
  const message = { messageId: `stolen-${Date.now()}`, role: 'ROLE_USER', parts: [{ text }] };
  const body = { jsonrpc: '2.0', id: 1, method: 'SendMessage', params: { message } };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return { url: `http://${ipv4}:8080/a2a/v1/handoff`, method: 'POST', headers, body: JSON.stringify(body) };
}

async function stolenToken(
  { docker, stacks }: Lab,
  stranger: Stranger,
  pairing: Pairing,
): Promise<RefusalSeen> {
  const { node } = await statusOf(stacks.b);
  const token = pairing.tokens['a'] ?? '';
  const { status, body } = await requestFrom(
    docker,
    stranger.container,
    stolenTokenRequest(node.ipv4, token),
  );
  return {
    tried: `a's token from another node (${stranger.ipv4})`,
    answer: `HTTP ${status} ${body}`,
    refused: status === 401,
  };
}

export async function tryRefusals(
  lab: Lab,
  stranger: Stranger,
  pairing: Pairing,
): Promise<readonly RefusalSeen[]> {
  return [await gatewayPort(lab), await ungrantedAlias(lab), await stolenToken(lab, stranger, pairing)];
}
