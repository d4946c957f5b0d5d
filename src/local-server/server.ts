import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../log.ts';
import { createApp, type AppParts, type Mount } from './app.ts';
import { health } from './health.ts';
import { closeListener, createListener, listenOn, type Place } from './listeners.ts';
import { createAuthenticator, type Role } from './roles.ts';
import { apiRoutes, type RouteDeps } from './api-routes.ts';

export interface LocalServerDeps extends RouteDeps {
  /** Protocols beside the API. */
  readonly mounts: readonly Mount[];
  readonly tokens: Readonly<Record<Role, string>>;
  /** False: on loopback, which only what runs in the namespace reaches, who names no token is an agent. */
  readonly agentNeedsToken: boolean;
  /** Names in `Host`, beside its own, that are taken with any port. */
  readonly hosts: readonly string[];
  readonly limits: { readonly bodyBytes: number; readonly connections: number };
  readonly log: Log;
}

export interface LocalServer {
  /** On loopback. Throws AgentPeerError `port-taken`, as the others. */
  listen(host: string, port: number): Promise<void>;
  /** On an address of the namespace from which a port can be published. A token is always needed. Answers the port. */
  listenPublished(address: string, port: number): Promise<number>;
  /** On a unix socket, for a relay. A token is always needed. */
  listenSocket(path: string): Promise<void>;
  /** Answers what is waiting with how it stands; cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
  /** The port that is listened on on loopback; 0 before. */
  port(): number;
}

/** On loopback, and where a relay or a published port leads from there to here. */
const OWN_NAMES = ['127.0.0.1', 'localhost'];

/** The API for this machine: the local agent and its owner, on loopback and where its owner opens another way in. */
export function createLocalServer(deps: LocalServerDeps): LocalServer {
  const { tokens, agentNeedsToken, hosts, limits } = deps;
  const closing = new AbortController();
  const routes = apiRoutes(deps);
  const open: Server[] = [];
  const listen = async (place: Place, door: Pick<AppParts, 'authenticate' | 'hosts'>): Promise<Server> => {
    const app = createApp({
      routes,
      mounts: deps.mounts,
      ...door,
      health: () => health(deps.tailnet, deps.gateway),
      bodyBytes: limits.bodyBytes,
      closing: closing.signal,
      log: deps.log,
    });
    const server = createListener(app, limits.connections);
    await listenOn(server, place);
    open.push(server);
    return server;
  };
  const own = { names: OWN_NAMES, isPortOwn: true, more: hosts };
  const forwarded = (names: readonly string[]) => ({
    authenticate: createAuthenticator(tokens, true),
    hosts: { names: [...OWN_NAMES, ...names], isPortOwn: false, more: hosts },
  });
  let port = 0;
  return {
    listen: async (host, wanted) => {
      const authenticate = createAuthenticator(tokens, agentNeedsToken);
      const server = await listen({ host, port: wanted }, { authenticate, hosts: own });
      port = (server.address() as AddressInfo).port;
    },
    listenPublished: async (host, wanted) => {
      const server = await listen({ host, port: wanted }, forwarded([host]));
      return (server.address() as AddressInfo).port;
    },
    listenSocket: async (path) => {
      await listen({ path }, forwarded([]));
    },
    close: async (graceMs) => {
      closing.abort();
      await Promise.all(open.map((server) => closeListener(server, graceMs)));
    },
    port: () => port,
  };
}
