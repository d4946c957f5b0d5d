import { readFileSync } from 'node:fs';
import type Docker from 'dockerode';
import { mustExec } from '../../src/lab/exec.ts';
import type { Pace } from '../attacks/attack.ts';

export interface RawRequest {
  readonly id: string;
  readonly bytes: Buffer;
  readonly pace?: Pace | undefined;
}

/** Where the requests start: a container with Node, in the namespace of a node with this tailnet address. */
export interface Sender {
  readonly container: string;
  readonly ipv4: string;
}

/** All that came back until the connection was closed, or why there is nothing. */
export type RawReply = Buffer | Error;

const AT_ONCE = 16;
/** Above every limit of a stack on a busy machine. */
const HANGS_AFTER_MS = 60_000;
const NODE = ['node', '--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e'];

/** What sends bytes in the tests of one process sends them here too: the same code, as its source. */
const SEND_BYTES = readFileSync(new URL('../attacks/wire.ts', import.meta.url), 'utf8');
const SEND_ALL = `
import { text } from 'node:stream/consumers';
const { way, requests, atOnce } = JSON.parse(await text(process.stdin));
const replies: unknown[] = [];
const sendOne = async ({ id, bytes, pace }) => {
  const reply = await sendBytes(way, Buffer.from(bytes, 'base64'), pace).then(
    (raw) => ({ id, raw: raw.toString('base64') }),
    (error) => ({ id, error: String(error) }),
  );
  replies.push(reply);
};
const quick = requests.filter(({ pace }) => pace === undefined);
const work = async () => {
  for (let next = quick.shift(); next !== undefined; next = quick.shift()) await sendOne(next);
};
const slow = requests.filter(({ pace }) => pace !== undefined).map(sendOne);
await Promise.all([...slow, ...Array.from({ length: atOnce }, work)]);
process.stdout.write(JSON.stringify(replies));`;

interface Reply {
  readonly id: string;
  readonly raw?: string;
  readonly error?: string;
}

function replyOf({ raw, error }: Reply): RawReply {
  return raw === undefined ? new Error(error) : Buffer.from(raw, 'base64');
}

/**
 * Sends requests from inside a container, by one exec, and answers what came back for each. In their order but for
 * those with a pace, which all start at once. The bytes and the tokens in them go in by stdin.
 */
export async function sendFrom(
  docker: Docker,
  { container, ipv4 }: Sender,
  to: { readonly host: string; readonly port: number },
  requests: readonly RawRequest[],
): Promise<ReadonlyMap<string, RawReply>> {
  const input = {
    way: { ...to, from: ipv4, limitMs: HANGS_AFTER_MS },
    requests: requests.map(({ id, bytes, pace }) => ({ id, bytes: bytes.toString('base64'), pace })),
    atOnce: AT_ONCE,
  };
  const output = await mustExec(docker, container, [...NODE, SEND_BYTES + SEND_ALL], JSON.stringify(input));
  return new Map((JSON.parse(output) as readonly Reply[]).map((reply) => [reply.id, replyOf(reply)]));
}
