import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Machine } from './stack-process.ts';

interface Taken {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Passed {
  readonly status: number;
  readonly body: Buffer;
}

/** What becomes of one request: its answer, or null when nobody hears of it again. */
export type Course = (id: string, pass: () => Promise<Passed>) => Promise<Passed | null>;

/** What lies between two machines, and does as it likes with every request of the first to the second. */
export interface BadNetwork {
  readonly set: (course: Course) => void;
  /** Sends again all that was ever taken, from this machine's address, the newest first; answers each with its status. */
  readonly replay: (as: Machine) => Promise<readonly number[]>;
}

function addressOf({ name, tailnet }: Machine): string {
  if (tailnet.self?.ipv4 == null) throw new Error(`${name} has no address`);
  return tailnet.self.ipv4;
}

async function passOn(taken: Taken, to: Machine, from: string): Promise<Passed> {
  const { path, headers, body } = taken;
  const call = request({
    host: addressOf(to),
    port: to.peerPort,
    localAddress: from,
    method: 'POST',
    path,
    headers,
    agent: false,
  });
  call.end(body);
  const [response] = (await once(call, 'response')) as [import('node:http').IncomingMessage];
  return { status: response.statusCode ?? 0, body: await buffer(response) };
}

/** Moves the receiver, as the sender's tailnet shows it, to an address where this listens; the receiver sees the sender's own. */
export async function startBadNetwork(from: Machine, to: Machine): Promise<BadNetwork> {
  const taken: Taken[] = [];
  let course: Course = (_id, pass) => pass();
  const server = createServer((incoming, response) => {
    const work = async () => {
      const one = { path: incoming.url ?? '', headers: incoming.headers, body: await buffer(incoming) };
      taken.push(one);
      const { id } = JSON.parse(one.body.toString()) as { readonly id: string };
      const answer = await course(id, () => passOn(one, to, addressOf(from)));
      if (answer === null) return response.destroy();
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      return response.end(answer.body);
    };
    work().catch(() => response.destroy());
  });
  const address = addressOf(to).replace(/\d+$/, '99');
  server.listen(to.peerPort, address);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const shown = from.tailnet.peers.findIndex(({ nodeId }) => nodeId === to.tailnet.self?.nodeId);
  from.tailnet.peers = from.tailnet.peers.map((node, i) => (i === shown ? { ...node, ipv4: address } : node));
  return {
    set: (next) => {
      course = next;
    },
    replay: async (as) => {
      const statuses: number[] = [];
      for (const one of taken.toReversed()) statuses.push((await passOn(one, to, addressOf(as))).status);
      return statuses;
    },
  };
}
