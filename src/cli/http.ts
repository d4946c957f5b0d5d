import { request, type IncomingMessage } from 'node:http';
import { AgentPeerError, messageOf } from '../errors.ts';

export interface Call {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  /** Ends it before. */
  readonly signal?: AbortSignal;
}

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

const FIX = 'Is the proxy running? docker compose ps shows it, docker compose logs proxy says why not';

export function unreachable(what: string, cause?: unknown): AgentPeerError {
  return new AgentPeerError('local-api-unreachable', what, FIX, { cause });
}

/** The answer's head; its body is still to come. */
function begin(
  { port, method, path, headers, body, timeoutMs, signal: ended }: Call,
  limited: 'in all' | 'while nothing comes',
): Promise<IncomingMessage> {
  const ms = Math.ceil(timeoutMs);
  const ends = [
    ...(limited === 'in all' ? [AbortSignal.timeout(ms)] : []),
    ...(ended === undefined ? [] : [ended]),
  ];
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.any(ends);
    const sent = request({ host: '127.0.0.1', port, method, path, headers, signal }, resolve);
    if (limited === 'while nothing comes')
      sent.setTimeout(ms, () => sent.destroy(new Error(`nothing came for ${ms / 1000} s`)));
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

async function send(call: Call): Promise<RawAnswer> {
  const response = await begin(call, 'in all');
  return { status: response.statusCode ?? 0, text: await textOf(response) };
}

function isRefusedConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
}

/** What became of a request without an answer. Of one that changes something, and that left, nobody here can tell. */
function nothingAnswers({ method, port }: Call, cause: unknown): AgentPeerError {
  const what = `nothing answers on 127.0.0.1:${port} (${messageOf(cause)})`;
  if (method === 'GET' || isRefusedConnection(cause)) return unreachable(what, cause);
  return new AgentPeerError(
    'local-api-unanswered',
    `${what}, and what was asked for may have been done`,
    'Look before you ask again: agent-peer messages, peers list or held list show how things are',
    { cause },
  );
}

/** One request to the loopback API. Throws AgentPeerError `local-api-unreachable`, `local-api-unanswered`. */
export async function exchange(call: Call): Promise<RawAnswer> {
  try {
    return await send(call);
  } catch (cause) {
    throw nothingAnswers(call, cause);
  }
}

/**
 * The same for an answer that may be long: its body, or what was said in place of it. Here `timeoutMs` is how long nothing
 * may come.
 */
export async function open(call: Call): Promise<RawAnswer | IncomingMessage> {
  try {
    const response = await begin(call, 'while nothing comes');
    if (response.statusCode === 200) return response;
    return { status: response.statusCode ?? 0, text: await textOf(response) };
  } catch (cause) {
    throw nothingAnswers(call, cause);
  }
}

/** The answer's JSON. Throws AgentPeerError `local-api-unreachable` when it has none: then it is not ours. */
export function jsonOf({ status, text }: RawAnswer): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return body as Record<string, unknown>;
  } catch {
    // Told below, like JSON that is no object.
  }
  throw unreachable(`something that is not agent-peer answered with HTTP ${status}`);
}
