import type Docker from 'dockerode';
import { callGateway } from './gateway-calls.ts';
import type { Stack } from './stack.ts';

/** A row of `chat.history`, as far as anybody here reads it. */
export interface HistoryRow {
  readonly role?: string;
  readonly content?: unknown;
  readonly idempotencyKey?: string;
  readonly provenance?: { readonly sourceTool?: string };
}

interface History {
  readonly messages: readonly HistoryRow[];
  readonly hasMore?: boolean;
  readonly nextOffset?: number;
}

const PAGE_ROWS = 200;

/** All rows of a session, oldest first, as the gateway shows them to its owner; of each text so many characters. */
export async function historyOf(
  docker: Docker,
  stack: Stack,
  sessionKey: string,
  maxChars: number,
): Promise<readonly HistoryRow[]> {
  const pages: (readonly HistoryRow[])[] = [];
  for (let offset: number | undefined = 0; offset !== undefined;) {
    const params = { sessionKey, limit: PAGE_ROWS, maxChars, ...(offset > 0 && { offset }) };
    const [page] = (await callGateway(docker, stack, [['chat.history', params]])) as [History];
    pages.unshift(page.messages);
    offset = page.hasMore === true ? page.nextOffset : undefined;
  }
  return pages.flat();
}
