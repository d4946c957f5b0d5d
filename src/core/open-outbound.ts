import { DEFAULT_ALIAS, type Alias } from './alias.ts';
import { idleReason, isOver } from './caller.ts';
import { isClockBehind } from './decide.ts';
import type { DenyReason } from './decision.ts';
import type { OutboundGrant } from './grant.ts';
import type { Peer } from './peer.ts';
import type { Policy } from './policy.ts';

/** The grants under which agents of this machine may write to this peer now, as the judge reads them. */
export function openOutbound(
  { outbound, asOf }: Policy,
  { name, replies }: Peer,
  now: number,
): readonly OutboundGrant[] {
  const at = Math.max(now, asOf);
  const open = [...(outbound.get(name)?.values() ?? [])].filter(({ expiresAt }) => !isOver(expiresAt, at));
  if (replies.mode === 'task') return open;
  // It has no aliases: one address, under whatever grant there is.
  const grant =
    open.find(({ alias }) => alias === DEFAULT_ALIAS) ?? open.find(({ alias }) => alias === 'any');
  return grant === undefined ? [] : [{ ...grant, alias: DEFAULT_ALIAS }];
}

/** Why agents here may write nothing to a peer. */
export type OutboundObstacle = DenyReason | 'peer-token-missing';

/** Null where something may be written. In the order in which the judge asks, so that it would say the same. */
export function outboundObstacle(
  policy: Policy,
  peer: Peer,
  hasToken: boolean,
  now: number,
): OutboundObstacle | null {
  if (isClockBehind(policy, now)) return 'clock-behind';
  const idle = idleReason(peer, policy, Math.max(now, policy.asOf));
  if (idle !== null) return idle;
  if (!hasToken) return 'peer-token-missing';
  return openOutbound(policy, peer, now).length === 0 ? 'alias-not-granted' : null;
}

/**
 * The alias that is meant where none is named: the one that every pairing has, or the only one that may be written to now.
 * Null where there are several others, of which somebody has to choose.
 */
export function aliasMeant(policy: Policy, peer: Peer, now: number): Alias | null {
  const open = openOutbound(policy, peer, now).map(({ alias }) => alias);
  const named = open.filter((alias): alias is Alias => alias !== 'any');
  const [first = DEFAULT_ALIAS, ...others] = named;
  if (named.length < open.length || named.includes(DEFAULT_ALIAS)) return DEFAULT_ALIAS;
  return others.length === 0 ? first : null;
}
