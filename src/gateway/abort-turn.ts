import type { SessionKey } from '../core/session-key.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { Connection } from './connection.ts';
import type { GatewayLink } from './link.ts';
import { GatewayAnswerError, NoAnswerError } from './request-errors.ts';
import { turnKeys } from './turn-keys.ts';

/** Time for the gateway to end a turn that it was told to abort. */
export const ABORT_MS = 5_000;

/** Best effort: what a gateway that refuses, or is gone, makes of it shows in how the turn ends. */
export async function requestAbort(
  connection: Connection,
  sessionKey: SessionKey,
  runId: string,
): Promise<void> {
  try {
    await connection.request('chat.abort', { sessionKey, runId }, { timeoutMs: ABORT_MS });
  } catch (error) {
    if (!(error instanceof GatewayAnswerError) && !(error instanceof NoAnswerError)) throw error;
  }
}

/** Under each name that it may run under: which one it was is not known any more. */
export function createAbortTurn(link: GatewayLink): Gateway['abortTurn'] {
  return async ({ key, sessionKey }) => {
    const connection = link.connection();
    if (connection === null) return;
    await Promise.all(turnKeys(key).map((runId) => requestAbort(connection, sessionKey, runId)));
  };
}
