import type { LocalTokens } from '../config/local-tokens.ts';
import { createAgentApi } from '../local-server/agent-api.ts';
import { createAliasChoice } from '../local-server/alias-choice.ts';
import { createLocalServer, type LocalServer } from '../local-server/server.ts';
import { createAttestation } from '../delivery/attest-session.ts';
import { createChanges } from '../delivery/changes.ts';
import { createConversations } from '../delivery/conversations.ts';
import { createPeerConfigs } from '../pairing/describe-stack.ts';
import type { Holds } from '../ports/holds.ts';
import type { Judge, PeerAdmin } from '../ports/owner.ts';
import type { Store } from '../store/open.ts';
import { systemClock as clock } from '../system.ts';
import type { StackDeps } from './deps.ts';
import { createMcpMount } from './mcp.ts';
import type { Outward } from './outward.ts';
import type { Pairing } from './pairing.ts';
import type { Parts } from './parts.ts';
import { peersMount } from './peers-mount.ts';

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
  { sender, messages, control, reads, holds, admin, invites, rotation, tokens }: LocalParts,
): LocalServer {
  const { version, log } = deps;
  const aliasFor = createAliasChoice({ peers: store.peers, clock });
  const agentApi = createAgentApi({ messages, peers: store.peers, clock, aliasFor });
  return createLocalServer({
    messages,
    agentApi,
    aliasFor,
    attestation: createAttestation(parts.gateway),
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
    mounts: [
      createMcpMount({ api: agentApi, bodyBytes: LOCAL_LIMITS.bodyBytes, version, log }),
      peersMount(store, {
        messages,
        control,
        reads,
        audit: parts.audit,
        digests: parts.digests,
        clock,
        log,
        bodyBytes: LOCAL_LIMITS.bodyBytes,
      }),
    ],
    tokens,
    agentNeedsToken: deps.config.agentNeedsToken,
    hosts: deps.config.waysIn.hosts,
    limits: LOCAL_LIMITS,
    version,
    log,
  });
}
