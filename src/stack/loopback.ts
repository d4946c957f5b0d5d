import type { LocalTokens } from '../config/local-tokens.ts';
import { createLocalServer, type LocalServer } from '../local-server/server.ts';
import { createConversations } from '../delivery/conversations.ts';
import { createPeerConfigs } from '../pairing/describe-stack.ts';
import type { Messages } from '../ports/delivery.ts';
import type { Holds } from '../ports/holds.ts';
import type { PeerAdmin } from '../ports/owner.ts';
import type { Store } from '../store/open.ts';
import { systemClock as clock } from '../system.ts';
import type { StackDeps } from './deps.ts';
import type { Pairing } from './pairing.ts';
import type { Parts } from './parts.ts';

const LOCAL_LIMITS = { bodyBytes: 256 * 1024, connections: 64 };

interface LocalParts extends Pick<Pairing, 'invites' | 'rotation'> {
  readonly messages: Messages;
  readonly holds: Holds;
  readonly admin: PeerAdmin;
  readonly tokens: LocalTokens;
}

export function createOnLoopback(
  deps: StackDeps,
  store: Store,
  parts: Parts,
  { messages, holds, admin, invites, rotation, tokens }: LocalParts,
): LocalServer {
  return createLocalServer({
    messages,
    inbox: store.inbox,
    conversations: createConversations(store),
    holds,
    admin,
    invites,
    rotation,
    configs: createPeerConfigs({
      peers: store.peers,
      tailnet: parts.tailnet,
      clock,
      name: deps.config.name,
      port: deps.config.peerPort,
    }),
    judge: parts.judge,
    audit: parts.audit,
    gateway: parts.gateway,
    tailnet: parts.tailnet,
    snapshots: store.snapshots,
    counts: () => ({ outbox: store.outbox.counts(), inbox: store.inbox.counts() }),
    tokens,
    limits: LOCAL_LIMITS,
    version: deps.version,
    log: deps.log,
  });
}
