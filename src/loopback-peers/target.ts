import { AGENT_CARD_PATH, HEALTH_PATH, MESSAGES_PATH } from '../core/peer-wire.ts';
import type { ReadPath } from '../ports/peer-reads.ts';

/** Where all of this stands on the loopback listener. */
export const PEERS_PATH = '/peers';

/** What a request target names below a peer's name. Names are not judged yet. */
export type Target =
  /** `alias` is null where none is named. */
  | { readonly kind: 'call'; readonly method: 'POST'; readonly peer: string; readonly alias: string | null }
  | { readonly kind: 'read'; readonly method: 'GET'; readonly peer: string; readonly path: ReadPath };

/** Nothing in a name can be decoded, normalised or split in two ways. */
const TARGET = /^\/peers\/([A-Za-z0-9_-]{1,64})(\/.*)$/s;
const ALIAS = /^\/([A-Za-z0-9_-]{1,64})$/;
const READS: readonly string[] = [HEALTH_PATH, AGENT_CARD_PATH] satisfies readonly ReadPath[];

/** Reads the request target as it came: a query, `..`, `//`, `%2f` and the absolute form are all just unknown. */
export function readTarget(raw: string): Target | null {
  const [, peer = '', path = ''] = TARGET.exec(raw) ?? [];
  if (READS.includes(path)) return { kind: 'read', method: 'GET', peer, path: path as ReadPath };
  if (path === MESSAGES_PATH) return { kind: 'call', method: 'POST', peer, alias: null };
  if (!path.startsWith(MESSAGES_PATH)) return null;
  const [, alias] = ALIAS.exec(path.slice(MESSAGES_PATH.length)) ?? [];
  return alias === undefined ? null : { kind: 'call', method: 'POST', peer, alias };
}
