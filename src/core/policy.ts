import { DEFAULT_ALIAS, type Alias } from './alias.ts';
import { BUDGETS, type Budgets } from './guard.ts';
import type { Grant, InboundGrant, OutboundGrant } from './grant.ts';
import { parsed, problem, type Parsed, type Problem } from './parsed.ts';
import type { Peer, PeerName } from './peer.ts';

export interface PolicyLimits {
  /** Messages accepted from one peer in any minute. */
  readonly sendsPerMinute: number;
  /** Messages accepted from all peers together in any minute. */
  readonly totalSendsPerMinute: number;
  /** Of each pair. */
  readonly budgets: Budgets;
}

export const POLICY_LIMITS: PolicyLimits = { sendsPerMinute: 30, totalSendsPerMinute: 120, budgets: BUDGETS };

/** "In any minute" is counted over the messages accepted since this long before now, milliseconds. */
export const SENDS_WINDOW_MS = 60_000;

/** Everything `decide` may know about who is allowed what: an immutable snapshot. */
export interface Policy {
  readonly peers: readonly Peer[];
  readonly inbound: ReadonlyMap<PeerName, ReadonlyMap<Alias, InboundGrant>>;
  readonly outbound: ReadonlyMap<PeerName, ReadonlyMap<Alias | 'any', OutboundGrant>>;
  readonly limits: PolicyLimits;
  /** The owner has stopped everything, whoever asks. */
  readonly isPaused: boolean;
  /** The latest instant that this stack has seen: an earlier "now" would bring back what has expired. */
  readonly asOf: number;
}

export interface PolicyParts {
  readonly peers: readonly Peer[];
  readonly grants: readonly Grant[];
  readonly limits: PolicyLimits;
  readonly isPaused: boolean;
  readonly asOf: number;
}

/** All aliases of a peer that a grant to write there may be for: those that are named, and the one that every pairing has. */
export function aliasesOf(policy: Pick<Policy, 'outbound'>, peer: PeerName): readonly Alias[] {
  const named = [...(policy.outbound.get(peer)?.keys() ?? [])].filter(
    (alias): alias is Alias => alias !== 'any',
  );
  return [...new Set([...named, DEFAULT_ALIAS])];
}

const FIX = 'Restore a backup of the data folder';

function firstTwice(keys: readonly string[]): string | undefined {
  return keys.find((key, index) => keys.indexOf(key) !== index);
}

/** Two answers to one question would make the judge choose, and the order of rows decide. */
function ambiguity({ peers, grants }: PolicyParts): Problem | null {
  const standing = peers.filter(({ state }) => state !== 'revoked');
  const names = new Set<string>(peers.map(({ name }) => name));
  const twice =
    firstTwice(peers.map(({ name }) => name)) ??
    firstTwice(
      peers.flatMap(({ tokenDigest, overlap }) => [tokenDigest, ...(overlap ? [overlap.digest] : [])]),
    ) ??
    firstTwice(standing.map(({ nodeId }) => nodeId)) ??
    firstTwice(grants.map(({ direction, peer, alias }) => `${direction} ${peer} ${alias}`)) ??
    grants.find(({ peer }) => !names.has(peer))?.peer;
  return twice === undefined ? null : { where: 'policy', what: 'has two answers to one question', fix: FIX };
}

function byPeer<G extends Grant>(grants: readonly G[]): ReadonlyMap<PeerName, ReadonlyMap<G['alias'], G>> {
  const all = new Map<PeerName, Map<G['alias'], G>>();
  for (const grant of grants) {
    const own = all.get(grant.peer) ?? new Map<G['alias'], G>();
    own.set(grant.alias, grant);
    all.set(grant.peer, own);
  }
  return all;
}

/** A policy that leaves the judge no choice, or what is wrong with these parts. */
export function buildPolicy(parts: PolicyParts): Parsed<Policy> {
  const wrong = ambiguity(parts);
  if (wrong !== null) return problem(wrong.where, wrong.what, wrong.fix);
  const { peers, grants, limits, isPaused, asOf } = parts;
  const inbound = byPeer(grants.filter((grant) => grant.direction === 'inbound'));
  const outbound = byPeer(grants.filter((grant) => grant.direction === 'outbound'));
  return parsed({ peers: [...peers], inbound, outbound, limits, isPaused, asOf });
}
