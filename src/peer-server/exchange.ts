import type { Alias } from '../core/alias.ts';
import { decide } from '../core/decide.ts';
import type { Decision, Operation } from '../core/decision.ts';
import type { Grant } from '../core/grant.ts';
import type { Peer } from '../core/peer.ts';
import type { Caller } from './authenticate.ts';
import type { Deps } from './deps.ts';
import { Refusal, type RpcId } from './refuse.ts';

/** What is known so far of one request, so that a refusal at any point is answered and recorded with it. */
export interface Exchange {
  readonly alias: Alias | null;
  caller: Caller;
  rpcId: RpcId | null;
  operation: Operation | 'unknown';
  peer: Peer | null;
  messageId: string | null;
  textDigest: string | null;
}

export function newExchange(alias: Alias | null): Exchange {
  const caller: Caller = { presented: null, nodeId: null };
  return { alias, caller, rpcId: null, operation: 'unknown', peer: null, messageId: null, textDigest: null };
}

function judge({ policy }: Deps, exchange: Exchange, operation: Operation): Decision {
  const decision = decide({ operation, ...exchange.caller, alias: exchange.alias }, policy());
  exchange.peer = decision.peer;
  return decision;
}

/** The peer that calls, if it may do this. Throws Refusal with the judge's reason. */
export function requirePeer(deps: Deps, exchange: Exchange, operation: 'task-read' | 'health-read'): Peer {
  const decision = judge(deps, exchange, operation);
  if (!decision.allow) throw new Refusal(decision.reason);
  return decision.peer;
}

/** The grant under which the calling peer may write to the addressed alias. Throws Refusal with the judge's reason. */
export function requireGrant(deps: Deps, exchange: Exchange): Grant {
  const decision = judge(deps, exchange, 'message-send');
  if (!decision.allow) throw new Refusal(decision.reason);
  if (decision.operation !== 'message-send') throw new Refusal('internal-error');
  return decision.grant;
}

/** One line of the audit log about this request. */
export function record({ audit }: Deps, exchange: Exchange, allowed: boolean, reason: string): void {
  const { operation, peer, caller, alias, messageId, textDigest } = exchange;
  audit.record({
    operation,
    allowed,
    reason,
    peer: peer?.name ?? null,
    nodeId: caller.nodeId,
    alias,
    messageId,
    textDigest,
  });
}
