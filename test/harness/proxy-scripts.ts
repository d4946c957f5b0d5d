/** Small programs that run inside a proxy's container, where the loopback API and the tailnet address are. */
import type Docker from 'dockerode';
import { execIn, mustExec } from '../../src/lab/exec.ts';
import { nodeProgram } from '../../src/lab/node-program.ts';
import type { Stack } from '../../src/lab/stack.ts';

const API = `
const { readFileSync } = require('node:fs');
const input = JSON.parse(stdin);
const owner = readFileSync('/data/owner-token', 'utf8').trim();
const api = async (path, body) => {
  const headers = { authorization: 'Bearer ' + owner, ...(body && { 'content-type': 'application/json' }) };
  const answer = await fetch('http://127.0.0.1:18790/api/v1' + path, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) });
  return answer.json();
};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));`;

const SEND_MANY = `${API}
(async () => {
  const ids = [];
  for (let i = 0; i < input.count; i += 1) {
    const sent = await api('/messages', { peer: input.peer, alias: input.alias, text: 'NO_REPLY please, number ' + i });
    ids.push(sent.id);
    await pause(input.everyMs);
  }
  console.log(JSON.stringify(ids));
})();`;

const READ_MANY = `${API}
(async () => {
  const read = [];
  for (const id of input.ids) read.push(await api('/messages/' + id));
  console.log(JSON.stringify(read.map(({ id, state, taskId, reason }) => ({ id, state, taskId, reason }))));
})();`;

/** Until one is not taken: who is killed while it takes one gives no answer. */
const SEND_TEXTS = `${API}
(async () => {
  for (const [index, text] of input.texts.entries()) {
    const conversation = 'traffic-' + (index % 3);
    await api('/messages', { peer: input.peer, alias: input.alias, text, conversation });
  }
})();`;

const LIST = `${API}
api('/messages?limit=200').then(({ messages }) => console.log(JSON.stringify(messages)));`;

const HOLD = `${API}
const { request } = require('node:http');
const message = { messageId: input.messageId, role: 'ROLE_USER', parts: [{ text: input.text }] };
const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendMessage', params: { message } });
const headers = { authorization: 'Bearer ' + input.token, 'content-type': 'application/json' };
const call = request({ host: input.ipv4, port: 8080, path: '/a2a/v1/' + input.alias, method: 'POST', headers, agent: false }, (answer) => {
  let text = '';
  answer.on('data', (piece) => (text += piece));
  answer.on('end', () => console.log(JSON.stringify({ status: answer.statusCode, text, at: Date.now() })));
});
call.end(body);`;

export interface SentMessage {
  readonly id: string;
  readonly state: string;
  readonly taskId: string | null;
  readonly reason: string | null;
}

/** One message as its stack's owner sees it. */
export interface ListedMessage {
  readonly direction: 'inbound' | 'outbound';
  readonly id: string;
  readonly text: string;
  readonly state: string;
  readonly reply: string | null;
  readonly detail: string | null;
}

async function run<T>(docker: Docker, stack: Stack, script: string, input: object): Promise<T> {
  const output = await mustExec(docker, stack.container('proxy'), nodeProgram(script), JSON.stringify(input));
  return JSON.parse(output) as T;
}

/** Sends messages whose turns say nothing, one after the other. @returns their ids */
export function sendMany(
  docker: Docker,
  from: Stack,
  wish: { readonly peer: string; readonly alias: string; readonly count: number; readonly everyMs: number },
): Promise<readonly string[]> {
  return run(docker, from, SEND_MANY, wish);
}

export function readMany(
  docker: Docker,
  from: Stack,
  ids: readonly string[],
): Promise<readonly SentMessage[]> {
  return run(docker, from, READ_MANY, { ids });
}

/** Hands these texts in, one after the other. It may end with the proxy: what was taken shows in its outbox. */
export async function sendTexts(
  docker: Docker,
  from: Stack,
  wish: { readonly peer: string; readonly alias: string; readonly texts: readonly string[] },
): Promise<void> {
  await execIn(docker, from.container('proxy'), nodeProgram(SEND_TEXTS), JSON.stringify(wish));
}

/** The newest 200 of a stack's messages, both ways. */
export function listMessages(docker: Docker, stack: Stack): Promise<readonly ListedMessage[]> {
  return run(docker, stack, LIST, {});
}

/** One request as a peer makes it, which the peer holds until there is a reply. `at`: when it was answered. */
export function holdRequest(
  docker: Docker,
  from: Stack,
  wish: {
    readonly ipv4: string;
    readonly token: string;
    readonly alias: string;
    readonly messageId: string;
    readonly text: string;
  },
): Promise<{ readonly status: number; readonly text: string; readonly at: number }> {
  return run(docker, from, HOLD, wish);
}
