import type { LocalTokens } from '../config/local-tokens.ts';
import { createLocalServer, type LocalServer } from '../local-server/server.ts';
import { createChanges } from '../delivery/changes.ts';
import { createConversations } from '../delivery/conversations.ts';
import { createPeerConfigs } from '../pairing/describe-stack.ts';
import type { Holds } from '../ports/holds.ts';
import type { Judge, PeerAdmin } from '../ports/owner.ts';
import type { Store } from '../store/open.ts';
import { systemClock as clock } from '../system.ts';
import type { StackDeps } from './deps.ts';
import type { Outward } from './outward.ts';
import type { Pairing } from './pairing.ts';
import type { Parts } from './parts.ts';

const LOCAL_LIMITS = { bodyBytes: 256 * 1024, connections: 64 };

interface LocalParts extends Pick<Pairing, 'invites' | 'rotation'>, Outward {
  readonly holds: Holds;
  readonly admin: PeerAdmin;
  readonly tokens: LocalTokens;
}

/** What waited because the clock was behind goes on at its owner's word. */
function goingOn(judge: Judge, wake: () => void): Judge {
  return {
    ...judge,
    acceptClock: () => {
      judge.acceptClock();
      wake();
    },
  };
}

export function createOnLoopback(
  deps: StackDeps,
  store: Store,
  parts: Parts,
  { sender, messages, control, holds, admin, invites, rotation, tokens }: LocalParts,
): LocalServer {
  return createLocalServer({
    messages,
    control,
    inbox: store.inbox,
    notices: store.notices,
    changes: createChanges({ store: store.changes, clock }),
    conversations: createConversations(store),
    holds,
    outbox: store.outbox,
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
    judge: goingOn(parts.judge, () => sender.wake()),
    audit: parts.audit,
    gateway: parts.gateway,
    tailnet: parts.tailnet,
    snapshots: store.snapshots,
    counts: () => ({ outbox: store.outbox.counts(), inbox: store.inbox.counts() }),
    mounts: [],
    tokens,
    agentNeedsToken: deps.config.agentNeedsToken,
    hosts: deps.config.waysIn.hosts,
    limits: LOCAL_LIMITS,
    version: deps.version,
    log: deps.log,
  });
}
