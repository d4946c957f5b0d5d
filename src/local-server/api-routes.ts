import type { Log } from '../log.ts';
import type { AgentApi } from '../ports/agent-api.ts';
import type { Attestation } from '../ports/attestation.ts';
import type { AuditReader } from '../ports/audit.ts';
import type { Changes } from '../ports/changes.ts';
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
import type { AliasChoice } from './alias-choice.ts';
import type { Route } from './route.ts';
import { aliasRoutes } from './routes/aliases.ts';
import { auditRoutes } from './routes/audit.ts';
import { changeRoutes } from './routes/changes.ts';
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
import { openapiRoutes } from './routes/openapi.ts';
import { pauseRoutes } from './routes/pause.ts';
import { peerRoutes } from './routes/peer.ts';
import { peersRoutes } from './routes/peers.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { snapshotRoutes } from './routes/snapshot.ts';
import { statusRoutes, type Counts } from './routes/status.ts';

/** What the routes need of the rest of the stack. */
export interface RouteDeps {
  readonly messages: Messages;
  readonly agentApi: AgentApi;
  readonly attestation: Attestation;
  readonly aliasFor: AliasChoice;
  readonly control: MessageControl;
  readonly inbox: Pick<InboxStore, 'list' | 'ofSession'>;
  readonly notices: Notices;
  readonly changes: Changes;
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
  readonly version: string;
  readonly log: Log;
}

/** The whole API. Where two paths fit a request, the first one is the one. */
export function apiRoutes(deps: RouteDeps): readonly Route[] {
  const routes = [
    ...conversationLogRoutes(deps.conversations),
    ...messageRoutes(deps),
    ...inboxRoutes(deps),
    ...changeRoutes(deps.changes),
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
  ];
  return [...routes, ...openapiRoutes(routes, deps.version)];
}
