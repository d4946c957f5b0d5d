import type Docker from 'dockerode';
import { callGateway } from '../gateway-calls.ts';
import type { Stack } from '../stack.ts';
import type { UserRow } from './evidence.ts';

interface HistoryRow {
  readonly role?: string;
  readonly idempotencyKey?: string;
  readonly provenance?: { readonly sourceTool?: string };
}

interface History {
  readonly messages: readonly HistoryRow[];
  readonly hasMore?: boolean;
  readonly nextOffset?: number;
}

const PAGE_ROWS = 200;
const OF_USER = ':user';

function userRow(sessionKey: string, { idempotencyKey, provenance }: HistoryRow): UserRow {
  const key = idempotencyKey?.endsWith(OF_USER) === true ? idempotencyKey.slice(0, -OF_USER.length) : null;
  return { sessionKey, key, resumes: provenance?.sourceTool === 'main_session_restart_recovery' };
}

/** All user rows of a session, oldest first, as the gateway shows them to its owner. */
export async function userRowsOf(
  docker: Docker,
  stack: Stack,
  sessionKey: string,
): Promise<readonly UserRow[]> {
  const pages: (readonly HistoryRow[])[] = [];
  for (let offset: number | undefined = 0; offset !== undefined;) {
    const params = { sessionKey, limit: PAGE_ROWS, maxChars: 1, ...(offset > 0 && { offset }) };
    const [page] = (await callGateway(docker, stack, [['chat.history', params]])) as [History];
    pages.unshift(page.messages);
    offset = page.hasMore === true ? page.nextOffset : undefined;
  }
  const rows = pages.flat().filter(({ role }) => role === 'user');
  return rows.map((row) => userRow(sessionKey, row));
}
