import type { IncomingMessage } from 'node:http';
import { AgentPeerError } from '../errors.ts';

const FIX = 'Call it as http://127.0.0.1:<port> from a program on this machine, not from a web page';

function refused(what: string): AgentPeerError {
  return new AgentPeerError('local-request-refused', what, FIX);
}

/**
 * Refuses what a browser sends for a web page, before any token is looked at. A page whose name was rebound to
 * 127.0.0.1 still says its own name in `Host`; any other page's request carries `Origin`, and `Sec-Fetch-Site` tells
 * the simple ones that do not.
 */
export function refuseWebPages({ headers, socket }: IncomingMessage): AgentPeerError | null {
  const port = socket.localPort ?? 0;
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes((headers.host ?? '').toLowerCase()))
    return refused('the Host header does not name this listener');
  if (headers.origin !== undefined) return refused('a request with an Origin header comes from a web page');
  if (headers['sec-fetch-site'] !== undefined) return refused('the request comes from a browser');
  return null;
}
