import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createAuditLog } from '../../src/audit/audit-log.ts';
import { createAttestation } from '../../src/delivery/attest-session.ts';
import { createChanges } from '../../src/delivery/changes.ts';
import { createConversations } from '../../src/delivery/conversations.ts';
import { createDigests } from '../../src/digests.ts';
import { createJudge } from '../../src/explain/judge.ts';
import { createAliasChoice } from '../../src/local-server/alias-choice.ts';
import { createAgentApi } from '../../src/local-server/agent-api.ts';
import { createLocalServer } from '../../src/local-server/server.ts';
import { createPeerConfigs } from '../../src/pairing/describe-stack.ts';
import type { Clock } from '../../src/ports/machine.ts';
import { fakeTailnet } from './fake-tailnet.ts';
import { AGENT, gatewayOf, OWNER, scriptedGateway, type ScriptedGateway } from './local-stack.ts';
import type { Side } from './pairing-side.ts';
import { runCli, startCli, type CliInput, type CliRun, type RunningCli } from './run-cli.ts';
import { storeHolds } from './store-holds.ts';
import { storeMessages } from './store-messages.ts';
import { tempFolder } from './temp-folder.ts';

/** The person at one side of a pairing, with the command line of that stack. */
export interface Owner {
  readonly port: number;
  readonly gateway: ScriptedGateway;
  cli(args: readonly string[], stdin?: CliInput['stdin']): Promise<CliRun>;
  /** At a terminal. */
  sit(args: readonly string[]): RunningCli;
}

/** Puts the loopback API on a side, so that everything from the command line to the other stack is real. */
export async function startOwner(side: Side, clock: Clock): Promise<Owner> {
  const { store, log, name } = side;
  const digests = createDigests();
  const tailnet = fakeTailnet(side.state);
  const gateway = scriptedGateway();
  const audit = createAuditLog({ dataDir: tempFolder(), log, clock });
  const messages = storeMessages(store, { audit, digests, clock });
  const holds = storeHolds(store, { audit, digests, clock }, messages);
  const aliasFor = createAliasChoice({ peers: store.peers, clock });
  const server = createLocalServer({
    messages,
    aliasFor,
    agentApi: createAgentApi({ messages, peers: store.peers, clock, aliasFor }),
    attestation: createAttestation(gatewayOf(gateway)),
    control: {
      retry: () => [],
      cancel: () => Promise.reject(new Error('not here')),
    },
    inbox: store.inbox,
    changes: createChanges({ store: store.changes, clock }),
    conversations: createConversations(store),
    holds,
    notices: store.notices,
    outbox: store.outbox,
    admin: side.admin,
    invites: side.invites,
    rotation: side.rotation,
    configs: createPeerConfigs({ peers: store.peers, tailnet, clock, name, port: side.port }),
    judge: createJudge({ peers: store.peers, inbox: store.inbox, guard: store.guard, clock }),
    audit,
    gateway: gatewayOf(gateway),
    tailnet,
    snapshots: store.snapshots,
    counts: () => ({ outbox: store.outbox.counts(), inbox: store.inbox.counts() }),
    mounts: [],
    tokens: { owner: OWNER, agent: AGENT },
    agentNeedsToken: true,
    hosts: [],
    limits: { bodyBytes: 256 * 1024, connections: 64 },
    version: '9.9.9',
    log,
  });
  await server.listen('127.0.0.1', 0);
  onTestFinished(() => server.close(0));
  const dataDir = tempFolder();
  writeFileSync(join(dataDir, 'owner-token'), `${OWNER}\n`, { mode: 0o600 });
  const env = { AGENT_PEER_DATA_DIR: dataDir, AGENT_PEER_LOCAL_PORT: String(server.port()) };
  return {
    port: server.port(),
    gateway,
    cli: (args, stdin) => runCli(args, { env, ...(stdin === undefined ? {} : { stdin }) }),
    sit: (args) => startCli(args, env),
  };
}
