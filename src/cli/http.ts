import { request } from 'node:http';
import { AgentPeerError, messageOf } from '../errors.ts';

export interface Call {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** For the whole exchange. */
  readonly timeoutMs: number;
}

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

const FIX = 'Is the proxy running? docker compose ps shows it, docker compose logs proxy says why not';

export function unreachable(what: string, cause?: unknown): AgentPeerError {
  return new AgentPeerError('local-api-unreachable', what, FIX, { cause });
}

function send({ port, method, path, headers, body, timeoutMs }: Call): Promise<RawAnswer> {
  const options = {
    host: '127.0.0.1',
    port,
    method,
    path,
    headers,
    signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
  };
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') }),
      );
    });
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}

/** One request to the loopback API. Throws AgentPeerError `local-api-unreachable`. */
export async function exchange(call: Call): Promise<RawAnswer> {
  try {
    return await send(call);
  } catch (cause) {
    throw unreachable(`nothing answers on 127.0.0.1:${call.port} (${messageOf(cause)})`, cause);
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
