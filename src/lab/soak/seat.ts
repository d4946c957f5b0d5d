import type Docker from 'dockerode';
import { setTimeout as sleep } from 'node:timers/promises';
import { startContainer } from '../containers.ts';
import { mustExec } from '../exec.ts';
import { labImage } from '../images.ts';
import type { Lab, PairedName } from '../lab.ts';
import { requestFrom, type HttpAnswer } from '../probes.ts';
import type { Submitted } from './evidence.ts';
import type { PlannedMessage } from './plan.ts';

/**
 * Where a stack's owner sits during a soak: in its namespace, in a container of its own, which no fault meets. As the owner
 * and not the agent, so that every message begins a chain: what an agent sends while it answers others is guessed to go on
 * with theirs.
 */
export interface Seat {
  readonly name: PairedName;
  /** May change the routes of the namespace. */
  readonly container: string;
  readonly ask: (method: 'GET' | 'POST', path: string, body?: object) => Promise<HttpAnswer>;
}

const API = 'http://127.0.0.1:18790/api/v1';
const AGAIN_MS = 500;

export async function takeSeat({ docker, name: lab, stacks }: Lab, name: PairedName): Promise<Seat> {
  const stack = stacks[name];
  const token = (await mustExec(docker, stack.container('proxy'), ['cat', '/data/owner-token'])).trim();
  const container = await startContainer(docker, lab, {
    name: `seat-${name}`,
    image: labImage('NODE_BASE'),
    entrypoint: ['sleep'],
    command: ['infinity'],
    namespaceOf: stack.container('netns'),
    capabilities: ['NET_ADMIN'],
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const ask: Seat['ask'] = (method, path, body) =>
    requestFrom(docker, container, {
      url: `${API}${path}`,
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return { name, container, ask };
}

export async function leaveSeat(docker: Docker, { container }: Seat): Promise<void> {
  await docker.getContainer(container).remove({ force: true });
}

/**
 * Hands a message in. A refused connection surely stored nothing: the proxy is away, and its owner waits for it. Any other
 * lost answer is not tried again, since that would be a second message.
 */
export async function submit(
  { ask }: Seat,
  { to, alias, conversation, text }: PlannedMessage,
): Promise<Submitted> {
  const draft = { peer: to, alias, text, ...(conversation === null ? {} : { conversation }) };
  for (;;) {
    const { status, body } = await ask('POST', '/messages', draft);
    if (status === 200 || status === 202)
      return { kind: 'stored', id: (JSON.parse(body) as { id: string }).id, text };
    if (status !== 0) return { kind: 'refused', text, detail: `HTTP ${status} ${body}` };
    if (body !== 'ECONNREFUSED') return { kind: 'unknown', text };
    await sleep(AGAIN_MS);
  }
}
