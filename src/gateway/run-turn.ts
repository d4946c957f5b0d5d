import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TurnOutcome } from '../core/inbox.ts';
import type { Turn } from '../ports/gateway.ts';
import { ABORT_MS, requestAbort } from './abort-turn.ts';
import type { Connection } from './connection.ts';
import type { GatewayLink } from './link.ts';
import { stateLine } from './link-state.ts';
import { outcomeOfLoss, outcomeOfRefusal, type Attempt, type Progress } from './refused-turn.ts';
import { GatewayAnswerError, NoAnswerError } from './request-errors.ts';
import { turnKeys } from './turn-keys.ts';
import { outcomeOf, turnRequest } from './turn-request.ts';

/** `turn-sent`: the request has left this process. `turn-taken`: the gateway has accepted it. */
export type OnTurn = (moment: 'turn-sent' | 'turn-taken') => void;

async function untilAborted(signal: AbortSignal): Promise<null> {
  if (!signal.aborted) await once(signal, 'abort');
  return null;
}

/** `abort()` without a reason comes from a program that stops: the turn goes on, and is found again by its key. */
function isLettingGo({ reason }: AbortSignal): boolean {
  return reason instanceof DOMException && reason.name === 'AbortError';
}

/** A turn that cannot be aborted is given up all the same. Its answer counts when it is just ready. */
async function abortTurn(
  connection: Connection,
  turn: Turn,
  key: string,
  ended: Promise<TurnOutcome>,
): Promise<TurnOutcome | null> {
  await requestAbort(connection, turn.sessionKey, key);
  const late = await Promise.race([ended, sleep(ABORT_MS, null, { ref: false })]);
  return late?.kind === 'failed' ? null : late;
}

function givenUp(turn: Turn, { reason }: AbortSignal): TurnOutcome {
  const late = reason instanceof DOMException && reason.name === 'TimeoutError';
  const detail = late
    ? `deadline: no answer within ${turn.deadlineMs / 1000} seconds`
    : 'the turn was stopped here';
  return { kind: 'failed', detail };
}

async function attempt(
  connection: Connection,
  turn: Turn,
  key: string,
  { stop, onTurn }: { readonly stop: AbortSignal; readonly onTurn: OnTurn },
): Promise<Attempt> {
  const progress: Progress = { sent: false, accepted: false };
  const ended = connection
    .request('agent', turnRequest(turn, key), {
      timeoutMs: null,
      expectFinal: true,
      onSent: () => {
        progress.sent = true;
        onTurn('turn-sent');
      },
      onAccepted: () => {
        progress.accepted = true;
        onTurn('turn-taken');
      },
    })
    .then(outcomeOf);
  try {
    const outcome = await Promise.race([ended, untilAborted(stop)]);
    if (outcome !== null) return outcome;
    if (isLettingGo(stop))
      return outcomeOfLoss(progress, new NoAnswerError('the turn was left to the gateway'));
    return (await abortTurn(connection, turn, key, ended)) ?? givenUp(turn, stop);
  } catch (error) {
    if (error instanceof NoAnswerError) return outcomeOfLoss(progress, error);
    if (error instanceof GatewayAnswerError) return outcomeOfRefusal(connection, turn, key, error, progress);
    throw error;
  }
}

/**
 * Runs one turn. The request has no time limit of its own, only the turn's: the client watches a connection's
 * heartbeat only while no limited request is open.
 */
export function createRunTurn(
  link: GatewayLink,
  onTurn: OnTurn = () => undefined,
): (turn: Turn, signal: AbortSignal) => Promise<TurnOutcome> {
  return async (turn, signal) => {
    if (signal.aborted) return { kind: 'not-sent', detail: 'stopped before it was sent' };
    const stop = AbortSignal.any([signal, AbortSignal.timeout(turn.deadlineMs)]);
    for (const key of turnKeys(turn.key)) {
      const connection = link.connection();
      if (connection === null) return { kind: 'not-sent', detail: stateLine(link.state()) };
      const outcome = await attempt(connection, turn, key, { stop, onTurn });
      if (outcome.kind !== 'key-spent') return outcome;
    }
    return { kind: 'failed', detail: 'the gateway stopped again and again before it began the turn' };
  };
}
