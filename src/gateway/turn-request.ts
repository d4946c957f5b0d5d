import type { TurnOutcome } from '../core/inbox.ts';
import type { Turn } from '../ports/gateway.ts';
import { listOf, objectOf, textOf, type Json } from './json.ts';

/** We abort a turn at its deadline; the gateway's own limit is for when we are not there any more. */
const BACKSTOP_SECONDS = 5;

/** The whole of what is asked of the gateway. Nothing in it was chosen by a peer but the quoted words in `text`. */
export function turnRequest(turn: Turn, key: string): object {
  return {
    message: turn.text,
    sessionKey: turn.sessionKey,
    deliver: false,
    idempotencyKey: key,
    inputProvenance: { kind: 'inter_session', sourceSessionKey: turn.source, sourceTool: 'agent-peer' },
    timeout: Math.ceil(turn.deadlineMs / 1000) + BACKSTOP_SECONDS,
  };
}

const NO_REPLY = /^\s*NO_REPLY\s*$/i;

function spokenTexts(payloads: readonly Json[]): readonly string[] {
  const spoken = payloads.filter((payload) => payload['isError'] !== true && payload['isReasoning'] !== true);
  return spoken.map((payload) => textOf(payload['text']) ?? '').filter((text) => text.trim() !== '');
}

function outcomeOfPayloads(payloads: readonly Json[]): TurnOutcome {
  const text = spokenTexts(payloads).join('\n\n');
  if (text !== '') return NO_REPLY.test(text) ? { kind: 'silent' } : { kind: 'replied', text };
  const wentWrong = payloads.some((payload) => payload['isError'] === true);
  return wentWrong ? { kind: 'failed', detail: 'the turn failed in the gateway' } : { kind: 'silent' };
}

function outcomeOfAbort(stopReason: unknown): TurnOutcome {
  if (stopReason === 'restart') return { kind: 'lost', detail: 'the gateway stopped during the turn' };
  const how = stopReason === 'rpc' ? 'was aborted' : 'ran out of time';
  return { kind: 'failed', detail: `the turn ${how} in the gateway` };
}

/**
 * How a turn ended, by the gateway's final answer. Only a turn that ended well can carry a reply: the gateway puts
 * its error texts where replies stand.
 */
export function outcomeOf(final: unknown): TurnOutcome {
  const { status, stopReason, result } = objectOf(final);
  switch (status) {
    case 'ok':
      return outcomeOfPayloads(listOf(objectOf(result)['payloads']).map(objectOf));
    case 'in_flight':
      return { kind: 'lost', detail: 'the turn is already under way' };
    case 'timeout':
      return outcomeOfAbort(stopReason);
    case 'error':
      return { kind: 'failed', detail: 'the turn failed in the gateway' };
    default:
      return { kind: 'lost', detail: 'the gateway gave an answer that is not known here' };
  }
}
