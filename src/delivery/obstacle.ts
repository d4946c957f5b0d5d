import type { Alias } from '../core/alias.ts';
import { decide } from '../core/decide.ts';
import type { Allowed, DenyReason } from '../core/decision.ts';
import type { PeerName } from '../core/peer.ts';
import type { Policy } from '../core/policy.ts';
import type { RefusalReason } from '../core/refusal.ts';
import { AgentPeerError } from '../errors.ts';
import type { Clock } from '../ports/machine.ts';
import type { PeerStore } from '../ports/policy-store.ts';

export interface Address {
  readonly peer: PeerName;
  readonly alias: Alias;
}

/** What keeps a message of this machine from being taken. */
export interface Obstacle {
  /** For the audit log. */
  readonly reason: RefusalReason | 'peer-token-missing';
  /** Null when the policy has no such peer: a name that anybody can make up is no peer's. */
  readonly peer: PeerName | null;
  /** For who wanted it sent. */
  readonly error: AgentPeerError;
}

export interface ObstacleParts {
  readonly peers: Pick<PeerStore, 'policy' | 'outboundToken'>;
  readonly clock: Clock;
}

const LIST = '`agent-peer peers list` shows them all';

function notGranted(what: string, { peer, alias }: Address): AgentPeerError {
  const fix = `That is for the owner of this stack to change; agent-peer explain ${peer} message-submit ${alias} says the same`;
  return new AgentPeerError('not-granted', what, fix);
}

function tokenMissing({ peer }: Address): AgentPeerError {
  const what = `no token of "${peer}" is stored, so it would refuse us`;
  const fix = `Ask the owner of "${peer}" for the token made for you, then: agent-peer peers token ${peer}`;
  return new AgentPeerError('peer-token-missing', what, fix);
}

function clockBehind(): AgentPeerError {
  return new AgentPeerError(
    'clock-behind',
    "this machine's clock is behind a time that it has already shown, so nothing is sent",
    'Set the clock, or, if it was wrong before and is right now: agent-peer clock accept',
  );
}

function stackPaused(): AgentPeerError {
  return new AgentPeerError(
    'stack-paused',
    'this stack is paused: its owner has stopped everything, and nothing is sent',
    'Its owner here lets it go on: agent-peer resume',
  );
}

const ERRORS: Readonly<Partial<Record<DenyReason, (to: Address) => AgentPeerError>>> = {
  'clock-behind': clockBehind,
  'stack-paused': stackPaused,
  'peer-unknown': ({ peer }) => new AgentPeerError('peer-not-found', `no peer is called "${peer}"`, LIST),
  'peer-provisional': ({ peer }) =>
    new AgentPeerError(
      'peer-not-active',
      `the pairing with "${peer}" is not complete`,
      `Both owners confirm it: agent-peer peers confirm ${peer}`,
    ),
  'peer-paused': ({ peer }) =>
    new AgentPeerError(
      'peer-not-active',
      `"${peer}" is paused`,
      `Its owner here lets it go on: agent-peer peers confirm ${peer}`,
    ),
  'peer-revoked': ({ peer }) => new AgentPeerError('peer-not-found', `peer "${peer}" was revoked`, LIST),
  'peer-expired': (to) => notGranted(`the pairing with "${to.peer}" has expired`, to),
  'grant-expired': (to) => notGranted(`the grant to write to "${to.alias}" of "${to.peer}" has expired`, to),
};

function errorOf(reason: DenyReason, to: Address, hasToken: boolean): AgentPeerError {
  // The grant comes with the token, so who has neither lacks the token.
  if (reason === 'alias-not-granted' && !hasToken) return tokenMissing(to);
  return ERRORS[reason]?.(to) ?? notGranted(`agents here may not write to "${to.alias}" of "${to.peer}"`, to);
}

function readPolicy(peers: Pick<PeerStore, 'policy'>): Policy | AgentPeerError {
  try {
    return peers.policy();
  } catch (cause) {
    if (cause instanceof AgentPeerError) return cause;
    const fix = 'Look at: docker compose logs proxy';
    return new AgentPeerError('storage-unavailable', 'the policy cannot be read', fix, { cause });
  }
}

export type Judged =
  | { readonly kind: 'obstacle'; readonly obstacle: Obstacle }
  | { readonly kind: 'permitted'; readonly permitted: Allowed<'message-submit'> };

function stopped(reason: Obstacle['reason'], peer: Obstacle['peer'], error: AgentPeerError): Judged {
  return { kind: 'obstacle', obstacle: { reason, peer, error } };
}

/**
 * Asks the judge. With a policy that cannot be read there is nothing to judge by, and nothing is sent.
 * @param looksSecret whether that is so of what would be sent
 */
export function judgeSubmit({ peers, clock }: ObstacleParts, to: Address, looksSecret: boolean): Judged {
  const policy = readPolicy(peers);
  if (policy instanceof AgentPeerError) return stopped('policy-unavailable', null, policy);
  const decision = decide({ operation: 'message-submit', ...to, looksSecret }, policy, clock.now());
  const hasToken = peers.outboundToken(to.peer) !== null;
  if (!decision.allow) {
    const { reason, peer } = decision;
    return stopped(reason, peer?.name ?? null, errorOf(reason, to, hasToken));
  }
  if (!hasToken) return stopped('peer-token-missing', to.peer, tokenMissing(to));
  return { kind: 'permitted', permitted: decision };
}
