import type { Alias } from '../core/alias.ts';
import { decide } from '../core/decide.ts';
import type { Allowed, Operation } from '../core/decision.ts';
import type { Credential, Facts } from '../core/facts.ts';
import type { Peer } from '../core/peer.ts';
import type { Policy } from '../core/policy.ts';
import type { Surface } from '../ports/audit.ts';
import type { Deps } from './deps.ts';
import { Refusal, type RpcId } from '../a2a/refusal.ts';

/** What is known so far of one request, so that a refusal at any point is answered and recorded with it. */
export interface Exchange {
  readonly surface: Surface;
  alias: Alias | null;
  caller: Credential;
  rpcId: RpcId | null;
  operation: Operation | 'unknown';
  peer: Peer | null;
  messageId: string | null;
  textDigest: string | null;
}

export function newExchange(surface: Surface, alias: Alias | null = null): Exchange {
  const caller: Credential = { presented: null, nodeId: null };
  const nothing = { rpcId: null, peer: null, messageId: null, textDigest: null };
  return { surface, alias, caller, operation: 'unknown', ...nothing };
}

/** No policy, no access: a store that cannot be read lets nobody in. Its owner hears why from the policy's watch. */
export function policyOf({ policy }: Deps): Policy {
  try {
    return policy();
  } catch {
    throw new Refusal('policy-unavailable');
  }
}

/** What an operation needs to know beside who calls. */
type Question<O extends CallerOperation> = Omit<Facts<O>, keyof Credential>;
type CallerOperation = Exclude<Operation, 'message-submit'>;

/** A peer that presents its new token has it, so the old one can end. */
function noteToken({ pairing }: Deps, { presented }: Credential, peer: Peer | null): void {
  if (peer?.overlap?.until === null && presented === peer.overlap.digest) pairing.presented(peer, presented);
}

/** Asks the one judge about this caller. Throws Refusal with the judge's reason. */
export function permit<O extends CallerOperation>(
  deps: Deps,
  exchange: Exchange,
  question: Question<O> & { readonly operation: O },
): Allowed<O> {
  // The question with the caller is what the operation's facts are made of; Omit over a union hides that.
  const facts = { ...question, ...exchange.caller } as unknown as Facts<O>;
  const decision = decide(facts, policyOf(deps), deps.clock.now());
  exchange.peer = decision.peer ?? exchange.peer;
  if (!decision.allow) throw new Refusal(decision.reason);
  noteToken(deps, exchange.caller, decision.peer);
  // A card is given to a node, whatever token it shows.
  if (decision.peer !== null && facts.operation !== 'card-read') deps.heard(decision.peer.name);
  return decision;
}

/** One line of the audit log about this request. */
export function record({ audit }: Deps, exchange: Exchange, allowed: boolean, reason: string): void {
  const { surface, operation, peer, caller, alias, messageId, textDigest } = exchange;
  audit.record({
    direction: 'inbound',
    surface,
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
