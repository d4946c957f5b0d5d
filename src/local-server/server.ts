import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { AgentPeerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { AgentApi } from '../ports/agent-api.ts';
import type { Attestation } from '../ports/attestation.ts';
import type { AuditReader } from '../ports/audit.ts';
import type { Conversations } from '../ports/conversations.ts';
import type { MessageControl, Messages } from '../ports/delivery.ts';
import type { Gateway, GatewayPairing, GatewaySessions } from '../ports/gateway.ts';
import type { Holds } from '../ports/holds.ts';
import type { InboxStore, OutboxStore } from '../ports/messages.ts';
import type { Notices } from '../ports/notices.ts';
import type { Judge, PeerAdmin } from '../ports/owner.ts';
import type { Invites, TokenRotation } from '../ports/pairing.ts';
import type { PeerConfigs } from '../ports/peer-config.ts';
import type { Snapshots } from '../ports/snapshot.ts';
import type { Tailnet } from '../ports/tailnet.ts';
import { createApp, type Mount } from './app.ts';
import { health } from './health.ts';
import { problemBody } from './problem.ts';
import { createAuthenticator, type Role } from './roles.ts';
import { aliasRoutes } from './routes/aliases.ts';
import { auditRoutes } from './routes/audit.ts';
import { clockRoutes } from './routes/clock.ts';
import { conversationLogRoutes } from './routes/conversation-log.ts';
import { explainRoutes } from './routes/explain.ts';
import { exportRoutes } from './routes/export.ts';
import { gatewayRoutes } from './routes/gateway.ts';
import { grantRoutes } from './routes/grants.ts';
import { heldRoutes } from './routes/held.ts';
import { inboxRoutes } from './routes/inbox.ts';
import { inviteRoutes } from './routes/invites.ts';
import { messageRoutes } from './routes/messages.ts';
import { noticeRoutes } from './routes/notices.ts';
import { pauseRoutes } from './routes/pause.ts';
import { peerRoutes } from './routes/peer.ts';
import { peersRoutes } from './routes/peers.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { snapshotRoutes } from './routes/snapshot.ts';
import { statusRoutes, type Counts } from './routes/status.ts';

export interface LocalServerDeps {
  readonly messages: Messages;
  readonly agentApi: AgentApi;
  readonly attestation: Attestation;
  readonly control: MessageControl;
  readonly inbox: Pick<InboxStore, 'list' | 'ofSession'>;
  readonly notices: Notices;
  readonly conversations: Conversations;
  readonly holds: Holds;
  readonly outbox: Pick<OutboxStore, 'waiting' | 'ofSession'>;
  readonly admin: PeerAdmin;
  readonly invites: Invites;
  readonly rotation: TokenRotation;
  readonly configs: PeerConfigs;
  readonly audit: AuditReader;
  readonly judge: Judge;
  readonly gateway: Pick<Gateway, 'state'> & GatewayPairing & GatewaySessions;
  readonly tailnet: Tailnet;
  readonly snapshots: Snapshots;
  readonly counts: () => Counts;
  /** Protocols beside the API. */
  readonly mounts: readonly Mount[];
  readonly tokens: Readonly<Record<Role, string>>;
  /** Whoever names no token is an agent: only what runs in the namespace reaches this listener. */
  readonly agentNeedsToken: boolean;
  readonly limits: { readonly bodyBytes: number; readonly connections: number };
  readonly version: string;
  readonly log: Log;
}

export interface LocalServer {
  /** Throws AgentPeerError `port-taken`. */
  listen(host: string, port: number): Promise<void>;
  /** Answers what is waiting with how it stands; cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
  /** The port that is listened on; 0 before. */
  port(): number;
}

const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
};

/** Without a listener of ours Node would leave an upgraded socket open, unanswered. */
function refuseUpgrade(socket: Duplex): void {
  const problem = problemBody(
    new AgentPeerError('local-request-refused', 'this listener upgrades nothing', 'Use plain HTTP'),
  );
  const body = JSON.stringify(problem);
  const head = [
    'HTTP/1.1 403 Forbidden',
    'connection: close',
    'content-type: application/problem+json',
    `content-length: ${body.length}`,
  ];
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function listenOn(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const what = `cannot listen on ${host}:${port}: ${messageOf(cause)}`;
      reject(
        new AgentPeerError('port-taken', what, 'Stop what uses the port, or set AGENT_PEER_LOCAL_PORT', {
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(cut);
}

/** The API for this machine: the local agent and its owner, on loopback only. */
export function createLocalServer(deps: LocalServerDeps): LocalServer {
  const closing = new AbortController();
  const app = createApp({
    routes: [
      ...conversationLogRoutes(deps.conversations),
      ...messageRoutes(deps),
      ...inboxRoutes(deps),
      ...noticeRoutes(deps.notices),
      ...heldRoutes(deps.holds),
      ...inviteRoutes(deps),
      ...peersRoutes(deps),
      ...peerRoutes(deps),
      ...pauseRoutes(deps.admin),
      ...exportRoutes(deps.configs),
      ...aliasRoutes(deps.admin, deps.gateway),
      ...grantRoutes(deps.admin, deps.gateway),
      ...auditRoutes(deps.audit),
      ...explainRoutes(deps.judge),
      ...clockRoutes(deps),
      ...gatewayRoutes(deps.gateway),
      ...sessionRoutes(deps.gateway, deps.admin),
      ...snapshotRoutes(deps.snapshots),
      ...statusRoutes(deps),
    ],
    mounts: deps.mounts,
    authenticate: createAuthenticator(deps.tokens, deps.agentNeedsToken),
    health: () => health(deps.tailnet, deps.gateway),
    bodyBytes: deps.limits.bodyBytes,
    closing: closing.signal,
    log: deps.log,
  });
  const server = createServer({ ...TIMEOUTS, maxHeaderSize: 16 * 1024 }, app);
  server.maxConnections = deps.limits.connections;
  server.on('upgrade', (_request, socket) => refuseUpgrade(socket));
  return {
    listen: (host, port) => listenOn(server, host, port),
    close: (graceMs) => {
      closing.abort();
      return closeServer(server, graceMs);
    },
    port: () => {
      const address = server.address();
      return address === null || typeof address === 'string' ? 0 : address.port;
    },
  };
}
