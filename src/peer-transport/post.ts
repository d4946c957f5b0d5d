import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { Undelivered } from './undelivered.ts';

export interface Post {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Our own tailnet IPv4: without it, and without the tailnet interface, the request would leave by another one. */
  readonly localAddress: string;
  readonly connectMs: number;
  readonly totalMs: number;
  readonly answerBytes: number;
  readonly signal: AbortSignal;
  /** Told when the connection stands, before a byte of the request leaves. What it throws ends the attempt. */
  readonly onConnected?: () => void;
  /** Told when the whole request has left this process. */
  readonly onSent?: () => void;
}

export interface PostAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** The header, as it came. */
  readonly retryAfter: string | undefined;
}

function readAnswer(response: IncomingMessage, limit: number): Promise<PostAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<PostAnswer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('error', reject);
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limit) response.destroy(new Undelivered(`answer-too-large: more than ${limit} bytes`));
    else chunks.push(chunk);
  });
  response.on('end', () =>
    resolve({
      status: response.statusCode ?? 0,
      body: Buffer.concat(chunks),
      retryAfter: response.headers['retry-after'],
    }),
  );
  return promise;
}

function limitConnect(call: ClientRequest, connectMs: number): void {
  const timer = setTimeout(
    () => call.destroy(new Undelivered(`no-connection: none within ${connectMs} ms`)),
    connectMs,
  );
  const stop = () => clearTimeout(timer);
  call.once('socket', (socket) => socket.once('connect', stop));
  call.once('close', stop);
}

function tellConnected(call: ClientRequest, onConnected: () => void): void {
  call.once('socket', (socket) =>
    socket.once('connect', () => {
      try {
        onConnected();
      } catch (error) {
        call.destroy(error as Error);
      }
    }),
  );
}

/** Redirects are answers like any other, and a connection serves one request: the next may go to another address. */
function send(post: Post, signal: AbortSignal): Promise<PostAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<PostAnswer>();
  const { address: host, port, path, localAddress, connectMs, body } = post;
  const headers = { ...post.headers, 'content-length': Buffer.byteLength(body) };
  const options = {
    host,
    port,
    path,
    localAddress,
    family: 4,
    method: 'POST',
    headers,
    agent: false,
    signal,
  };
  const call = request(options, (response) => {
    readAnswer(response, post.answerBytes).then(resolve, reject);
  });
  call.on('error', reject);
  limitConnect(call, connectMs);
  if (post.onConnected !== undefined) tellConnected(call, post.onConnected);
  call.once('finish', () => post.onSent?.());
  call.end(body);
  return promise;
}

/** What a network, a time-out or a stranger's answer did; null for an error of our own making. */
export function explain(
  error: unknown,
  { signal, localAddress, totalMs }: Pick<Post, 'signal' | 'localAddress' | 'totalMs'>,
  timedOut: boolean,
): Undelivered | null {
  if (error instanceof Undelivered) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (signal.aborted) return new Undelivered('stopped: this stack is shutting down');
  if (timedOut) return new Undelivered(`no-answer: none within ${totalMs} ms`);
  if (code === 'EADDRNOTAVAIL') {
    return new Undelivered(`own-address-missing: ${localAddress} is on no interface here; nothing was sent`);
  }
  if (code.startsWith('HPE_')) return new Undelivered('answer-not-understood: it is not HTTP');
  return /^E[A-Z]+$/.test(code) ? new Undelivered(`no-connection: ${code}`) : null;
}

/** One POST from our own address to one address. Throws Undelivered for all that goes wrong on the way. */
export async function post(given: Post): Promise<PostAnswer> {
  const timeout = AbortSignal.timeout(given.totalMs);
  try {
    return await send(given, AbortSignal.any([given.signal, timeout]));
  } catch (error) {
    throw explain(error, given, timeout.aborted) ?? error;
  }
}
