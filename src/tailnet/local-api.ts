import { request } from 'node:http';
import { isIPv6 } from 'node:net';
import { AgentPeerError, messageOf } from '../errors.ts';
import type { Tailnet } from '../ports/tailnet.ts';
import { readStatus, readWhois } from './local-api-shapes.ts';

export interface LocalApiDeps {
  /** Path of tailscaled's unix socket. */
  readonly socketPath: string;
  /** For one call, with its retry. */
  readonly timeoutMs: number;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** tailscaled puts a new socket in place of the old one when it restarts. */
const STALE_SOCKET = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE']);

function unavailable(what: string, cause?: unknown): AgentPeerError {
  const fix =
    'Check that the tailscale service runs and that its socket folder is shared: docker compose logs tailscale';
  return new AgentPeerError('tailnet-unavailable', what, fix, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** `Host` must be exactly this, or tailscaled takes the call for a web page's. */
function get(socketPath: string, path: string, signal: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const headers = { host: 'local-tailscaled.sock' };
  const call = request({ socketPath, path, headers, agent: false, signal }, (response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('error', reject);
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too large'));
      else chunks.push(chunk);
    });
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
    );
  });
  call.on('error', reject);
  call.end();
  return promise;
}

async function ask({ socketPath, timeoutMs }: LocalApiDeps, path: string): Promise<Answer> {
  const signal = AbortSignal.timeout(timeoutMs);
  const once = () => get(socketPath, path, signal);
  try {
    return await once().catch((error: unknown) => {
      if (!STALE_SOCKET.has(codeOf(error))) throw error;
      return once();
    });
  } catch (error) {
    const what = signal.aborted ? `no answer within ${timeoutMs} ms` : messageOf(error);
    throw unavailable(`tailscaled cannot be asked at ${socketPath}: ${what}`, error);
  }
}

function understand<T>(answer: Answer, call: string, read: (body: unknown) => T): T {
  if (answer.status !== 200) throw unavailable(`tailscaled answered ${call} with HTTP ${answer.status}`);
  try {
    return read(JSON.parse(answer.body));
  } catch (error) {
    throw unavailable(`tailscaled's answer to ${call} is not understood`, error);
  }
}

function addressQuery(address: string, port: number): string {
  const plain = address.replace(/^::ffff:/i, '');
  return encodeURIComponent(isIPv6(plain) ? `[${plain}]:${port}` : `${plain}:${port}`);
}

/**
 * Reads tailscaled's LocalAPI: status and whois, nothing that changes the node. Only a clear "no such node" is null;
 * whatever else goes wrong throws AgentPeerError `tailnet-unavailable`, so that nobody is let in by a failure.
 */
export function createTailnet(deps: LocalApiDeps): Tailnet {
  return {
    status: async () => understand(await ask(deps, '/localapi/v0/status'), 'status', readStatus),
    whois: async (address, port) => {
      const answer = await ask(deps, `/localapi/v0/whois?addr=${addressQuery(address, port)}`);
      return answer.status === 404 ? null : understand(answer, 'whois', readWhois);
    },
  };
}
