import type { IncomingMessage } from 'node:http';
import { AgentPeerError } from '../errors.ts';

const FIX = 'Call it as http://127.0.0.1:<port> from a program on this machine, not from a web page';
const OTHER_NAME = `${FIX}; a name that programs are meant to call it by goes into AGENT_PEER_LOCAL_HOSTS`;

function refused(what: string, fix = FIX): AgentPeerError {
  return new AgentPeerError('local-request-refused', what, fix);
}

/** What a request may call its listener in `Host`. */
export interface HostNames {
  readonly names: readonly string[];
  /** Those come with the port that is listened on. Not where a port is published or relayed, under a number of its own. */
  readonly isPortOwn: boolean;
  /** What the owner has added; with any port. */
  readonly more: readonly string[];
}

const HOST = /^(?<name>[a-z0-9.-]+)(?::(?<port>\d{1,5}))?$/;

function isOwn({ headers, socket }: IncomingMessage, { names, isPortOwn, more }: HostNames): boolean {
  const { name = '', port } = HOST.exec((headers.host ?? '').toLowerCase())?.groups ?? {};
  if (more.includes(name)) return true;
  return names.includes(name) && (!isPortOwn || port === String(socket.localPort));
}

/**
 * Refuses what a browser sends for a web page, before any token is looked at. A page whose name was rebound to
 * 127.0.0.1 still says its own name in `Host`; any other page's request carries `Origin`, and `Sec-Fetch-Site` tells
 * the simple ones that do not.
 */
export function refuseWebPages(request: IncomingMessage, hosts: HostNames): AgentPeerError | null {
  const { headers } = request;
  if (!isOwn(request, hosts)) return refused('the Host header does not name this listener', OTHER_NAME);
  if (headers.origin !== undefined) return refused('a request with an Origin header comes from a web page');
  if (headers['sec-fetch-site'] !== undefined) return refused('the request comes from a browser');
  return null;
}
