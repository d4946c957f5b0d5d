import { parseAlias, type Alias } from '../core/alias.ts';
import { decide } from '../core/decide.ts';
import { OPERATIONS, type Operation } from '../core/decision.ts';
import { explain } from '../core/explain.ts';
import type { Facts } from '../core/facts.ts';
import { parsePeerName, type Peer } from '../core/peer.ts';
import type { Policy } from '../core/policy.ts';
import { AgentPeerError, fromProblem } from '../errors.ts';
import type { GuardCounts } from '../ports/guard.ts';
import type { Clock } from '../ports/machine.ts';
import type { InboxStore } from '../ports/messages.ts';
import type { Judge } from '../ports/owner.ts';
import type { PeerStore } from '../ports/policy-store.ts';

export interface JudgeParts {
  readonly peers: Pick<PeerStore, 'policy' | 'acceptClock'>;
  readonly inbox: Pick<InboxStore, 'usage'>;
  readonly guard: Pick<GuardCounts, 'load'>;
  readonly clock: Clock;
}

function isOperation(raw: string): raw is Operation {
  return (OPERATIONS as readonly string[]).includes(raw);
}

function knownOperation(raw: string): Operation {
  if (isOperation(raw)) return raw;
  throw new AgentPeerError(
    'input-invalid',
    `"${raw}" is not an operation`,
    `Choose from ${OPERATIONS.join(', ')}`,
  );
}

/** From the policy that is judged by, and not from the store beside it. */
function knownPeer({ peers }: Policy, raw: string): Peer {
  const name = parsePeerName(raw);
  if (!name.ok) throw fromProblem('peer-not-found', name.problem);
  const peer = peers.find((one) => one.name === name.value);
  if (peer !== undefined) return peer;
  throw new AgentPeerError(
    'peer-not-found',
    `no peer is called "${raw}"`,
    '`agent-peer peers list` shows them all',
  );
}

/** What is not an alias is granted to nobody, as in a request. */
function aliasOf(raw: string | null): Alias | null {
  const alias = raw === null ? null : parseAlias(raw);
  return alias?.ok === true ? alias.value : null;
}

interface Counts {
  readonly usage: (alias: Alias) => ReturnType<InboxStore['usage']>;
  readonly load: () => ReturnType<GuardCounts['load']>;
}

/** The facts of a request of the peer's own, from its own node and with its own token, as they would be now. */
function factsOf(
  operation: Operation,
  { name, nodeId, tokenDigest: presented }: Peer,
  alias: Alias | null,
  counts: Counts,
): Facts {
  switch (operation) {
    case 'liveness-read':
    case 'health-read':
    case 'card-read':
      return { operation, presented, nodeId };
    case 'task-read':
    case 'task-cancel':
      return { operation, presented, nodeId, alias };
    case 'message-send':
      return {
        operation,
        presented,
        nodeId,
        alias,
        agent: null,
        usage: alias === null ? null : counts.usage(alias),
        load: alias === null ? null : { hop: 0, ...counts.load() },
      };
    case 'pairing-continue':
    case 'token-rotate':
      return { operation, presented, nodeId };
    case 'invite-claim':
      // A peer has no invite to show any more.
      return { operation, presented: null, nodeId, secret: presented, invites: [] };
    case 'message-submit':
      return { operation, peer: name, alias, looksSecret: false };
  }
}

const OF_THE_CLOCK: Facts = { operation: 'liveness-read', presented: null, nodeId: null };

/** Answers what would be decided, by the code that decides. */
export function createJudge({ peers, inbox, guard, clock }: JudgeParts): Judge {
  return {
    explain: (rawPeer, rawOperation, rawAlias) => {
      const operation = knownOperation(rawOperation);
      const policy = peers.policy();
      const peer = knownPeer(policy, rawPeer);
      const now = clock.now();
      const facts = factsOf(operation, peer, aliasOf(rawAlias), {
        usage: (alias) => inbox.usage(peer.name, alias, now),
        load: () => guard.load(peer.name, null, now),
      });
      const decision = decide(facts, policy, now);
      return { decision, sentence: explain(decision) };
    },
    clock: () => {
      const decision = decide(OF_THE_CLOCK, peers.policy(), clock.now());
      return !decision.allow && decision.reason === 'clock-behind' ? 'behind' : 'ok';
    },
    acceptClock: () => peers.acceptClock(),
  };
}
