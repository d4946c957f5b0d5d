import type Docker from 'dockerode';
import { historyOf, type HistoryRow } from '../session-history.ts';
import type { Stack } from '../stack.ts';
import type { UserRow } from './evidence.ts';

const OF_USER = ':user';

function userRow(sessionKey: string, { idempotencyKey, provenance }: HistoryRow): UserRow {
  const key = idempotencyKey?.endsWith(OF_USER) === true ? idempotencyKey.slice(0, -OF_USER.length) : null;
  return { sessionKey, key, resumes: provenance?.sourceTool === 'main_session_restart_recovery' };
}

/** All user rows of a session, oldest first. */
export async function userRowsOf(
  docker: Docker,
  stack: Stack,
  sessionKey: string,
): Promise<readonly UserRow[]> {
  const rows = await historyOf(docker, stack, sessionKey, 1);
  return rows.filter(({ role }) => role === 'user').map((row) => userRow(sessionKey, row));
}
