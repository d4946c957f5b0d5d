import type { Config } from '../config/env.ts';
import { isTailnetAddress } from '../core/tailnet-address.ts';
import { AgentPeerError } from '../errors.ts';
import type { LocalServer } from '../local-server/server.ts';
import type { Log } from '../log.ts';
import type { ReadAddresses } from '../tailnet/interfaces.ts';

const LOOPBACK = '127.0.0.1';

interface WaysInParts {
  readonly config: Pick<Config, 'localPort' | 'waysIn'>;
  readonly log: Log;
  readonly addresses: ReadAddresses;
}

/** Those by which the engine forwards a published port. Never the tailnet's: its nodes would be let in beside the peers' door. */
function publishable(addresses: ReadAddresses): readonly string[] {
  const found = addresses()
    .filter(({ address, loopback }) => !loopback && !address.includes(':') && !isTailnetAddress(address))
    .map(({ address }) => address);
  if (found.length > 0) return found;
  throw new AgentPeerError(
    'namespace-dead',
    'there is no address from which the local port could be published (AGENT_PEER_LOCAL_PUBLISHED)',
    'Give the service netns a network',
  );
}

/** Opens the loopback API, and what else its owner wants opened. Throws AgentPeerError `port-taken`, `namespace-dead`. */
export async function openWaysIn(
  server: Pick<LocalServer, 'listen' | 'listenPublished' | 'listenSocket'>,
  { config, log, addresses }: WaysInParts,
): Promise<void> {
  const { localPort, waysIn } = config;
  await server.listen(LOOPBACK, localPort);
  log.info('listening', { to: 'this machine', address: `${LOOPBACK}:${localPort}` });
  for (const address of waysIn.isPublished ? publishable(addresses) : []) {
    await server.listenPublished(address, localPort);
    log.info('listening', { to: 'a published port', address: `${address}:${localPort}` });
  }
  if (waysIn.socket === null) return;
  await server.listenSocket(waysIn.socket);
  log.info('listening', { to: 'a relay', address: waysIn.socket });
}
