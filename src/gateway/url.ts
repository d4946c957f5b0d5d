import { AgentPeerError } from '../errors.ts';

const FIX = 'Use ws://127.0.0.1:<port>, or wss:// for a gateway on another machine';

function refuse(what: string): never {
  throw new AgentPeerError('config-invalid', `gateway address: ${what}`, FIX);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/**
 * Refuses an address that would send the device token in clear. The official client does not: it takes plain `ws://`
 * to private, link-local and 100.64.0.0/10 addresses and to `.local` and `.ts.net` names. Throws AgentPeerError
 * `config-invalid`.
 */
export function parseGatewayUrl(raw: string): string {
  if (!URL.canParse(raw)) refuse('is not a URL');
  const url = new URL(raw);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    refuse('must not carry a user, a password, a query or a fragment');
  }
  if (url.protocol === 'wss:') return url.href;
  if (url.protocol !== 'ws:') refuse('must start with ws:// or wss://');
  if (!isLoopback(url.hostname)) refuse('plain ws:// is for this machine only');
  return url.href;
}
