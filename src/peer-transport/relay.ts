import { Agent, ServerResponse, type ClientRequest, type IncomingMessage } from 'node:http';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { Undelivered } from './undelivered.ts';

export interface RelayOptions {
  /** Our own tailnet IPv4, from which every connection is made. */
  readonly localAddress: string;
  /** Of one answer. */
  readonly answerBytes: number;
}

export interface Relayed {
  /** `http://<address>:<port>` of the peer's node. */
  readonly origin: string;
  readonly path: string;
  /** All that the peer is sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface RelayAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** What belongs to one request while it is under way. */
interface UnderWay {
  readonly origin: string;
  readonly began: (call: ClientRequest) => void;
  readonly answered: (answer: IncomingMessage) => void;
  readonly failed: (error: unknown) => void;
}

/** Idle connections are closed before the peer's listener does it, which a request could then run into. */
const IDLE_MS = 10_000;

async function readBody(answer: IncomingMessage, limit: number): Promise<RelayAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) throw new Undelivered(`answer-too-large: more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return { status: answer.statusCode ?? 0, body: Buffer.concat(chunks) };
}

function createProxy(localAddress: string, of: (request: IncomingMessage) => UnderWay | undefined) {
  return createProxyMiddleware({
    router: (request) => of(request)?.origin ?? '',
    // Requests to one peer do not wait for each other, nor for those to other peers.
    agent: new Agent({ keepAlive: true, maxSockets: Infinity, timeout: IDLE_MS }),
    localAddress,
    ws: false,
    xfwd: false,
    changeOrigin: false,
    followRedirects: false,
    selfHandleResponse: true,
    // The default ones answer errors in words of their own, and log addresses.
    ejectPlugins: true,
    plugins: [
      (server) => {
        server.on('proxyReq', (call, request) => of(request)?.began(call));
        server.on('proxyRes', (answer, request) => of(request)?.answered(answer));
        server.on('error', (error, request) => {
          if (request !== undefined) of(request)?.failed(error);
        });
      },
    ],
  });
}

/**
 * Relays one request at a time to where the caller says. The request is emptied first and not on the way: the proxy leaves a
 * request that expects something (`Expect`) to itself, and would pass all of its head on. In the place of the client's
 * response it has one that leads nowhere: it tears that down when the peer's answer breaks off, and the client is to be told.
 * What goes wrong is thrown as it came.
 */
export function createRelay({ localAddress, answerBytes }: RelayOptions) {
  const all = new WeakMap<IncomingMessage, UnderWay>();
  const proxy = createProxy(localAddress, (request) => all.get(request));
  return async (
    request: IncomingMessage,
    { origin, path, headers, signal }: Relayed,
  ): Promise<RelayAnswer> => {
    const { promise, resolve, reject } = Promise.withResolvers<RelayAnswer>();
    let call: ClientRequest | null = null;
    const cut = (): void => {
      reject(signal.reason);
      call?.destroy();
    };
    all.set(request, {
      origin,
      began: (begun) => {
        call = begun;
        if (signal.aborted) cut();
      },
      answered: (answer) => void readBody(answer, answerBytes).then(resolve, reject),
      failed: reject,
    });
    signal.addEventListener('abort', cut, { once: true });
    request.url = path;
    request.headers = { ...headers, host: new URL(origin).host };
    void proxy(request, new ServerResponse(request), reject);
    return await promise.finally(() => signal.removeEventListener('abort', cut));
  };
}
