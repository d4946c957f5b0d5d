import type { TurnOutcome } from '../core/inbox.ts';
import type { Turn } from '../ports/gateway.ts';
import type { Connection } from './connection.ts';
import { pendingState } from './evidence.ts';
import { GatewayAnswerError, NoAnswerError } from './request-errors.ts';

/** `key-spent`: the gateway never began the run that had this key, and takes the turn only under another one. */
export type Attempt = TurnOutcome | { readonly kind: 'key-spent' };

/** How far a request got. */
export interface Progress {
  sent: boolean;
  accepted: boolean;
}

export function outcomeOfLoss(progress: Progress, error: NoAnswerError): TurnOutcome {
  return { kind: progress.sent ? 'lost' : 'not-sent', detail: error.message };
}

function outcomeOfState(state: string | null, { accepted }: Progress): Attempt {
  if (state === 'queued') return { kind: 'lost', detail: 'the turn is already under way' };
  if (state === 'interrupted' && !accepted) return { kind: 'key-spent' };
  if (state === 'interrupted')
    return { kind: 'not-sent', detail: 'the gateway stopped before it began the turn' };
  if (accepted) return { kind: 'failed', detail: 'the turn failed in the gateway' };
  return { kind: 'not-sent', detail: 'the gateway cannot take turns now' };
}

/**
 * What an error answer to a turn means. Whether the session was touched is not read out of the gateway's words but
 * looked up: it keeps what it accepted and did not begin. A gateway that shuts down ends its queued turns with an
 * ordinary error, and those are not failed turns but turns that never were.
 */
export async function outcomeOfRefusal(
  connection: Connection,
  turn: Turn,
  key: string,
  error: GatewayAnswerError,
  progress: Progress,
): Promise<Attempt> {
  const { accepted } = progress;
  if (!accepted && error.retryable)
    return { kind: 'not-sent', detail: 'the gateway is starting or stopping' };
  if (error.code !== 'UNAVAILABLE')
    return { kind: 'failed', detail: `the gateway refused the turn (${error.code})` };
  try {
    return outcomeOfState(await pendingState(connection, turn.sessionKey, key), progress);
  } catch (failure) {
    if (!(failure instanceof NoAnswerError || failure instanceof GatewayAnswerError)) throw failure;
    return { kind: accepted ? 'lost' : 'not-sent', detail: failure.message };
  }
}
