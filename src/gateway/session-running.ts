import type { SessionKey } from '../core/session-key.ts';
import type { Connection } from './connection.ts';
import { objectOf } from './json.ts';
import { GatewayAnswerError } from './request-errors.ts';

const ANSWER_MS = 10_000;

/**
 * Whether a turn is under way in this session. Stricter than what a lost turn is judged by: one that waits in a queue, or to
 * be resumed after a crash, calls no tool yet. A session that the gateway has not is none in which a turn runs. Rejects as
 * `Connection.request` does.
 */
export async function readIsRunning(connection: Connection, sessionKey: SessionKey): Promise<boolean> {
  const params = { sessionKey, limit: 1, maxChars: 1 };
  try {
    const page = objectOf(await connection.request('chat.history', params, { timeoutMs: ANSWER_MS }));
    const { hasActiveRun, status } = objectOf(page['sessionInfo']);
    return hasActiveRun === true && status !== 'queued';
  } catch (error) {
    if (error instanceof GatewayAnswerError && error.code === 'INVALID_REQUEST') return false;
    throw error;
  }
}
