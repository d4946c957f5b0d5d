import { DEFAULT_ALIAS, parseAlias, type Alias } from '../core/alias.ts';
import { MESSAGES_PATH } from '../core/peer-wire.ts';

export type Target =
  /** `alias` is null for a name that cannot be one: to be refused like an alias that was not granted. */
  | { readonly kind: 'messages'; readonly method: 'POST'; readonly alias: Alias | null }
  | { readonly kind: 'health'; readonly method: 'GET' };

/** Nothing in it can be decoded, normalised or split in two ways. */
const SEGMENT = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Reads the request target as it came, before anything decodes or tidies it: `..`, `//`, `%2f`, `;`, a query, a
 * fragment, the absolute form and `*` are all just unknown.
 */
export function readTarget(raw: string): Target | null {
  if (raw === '/health') return { kind: 'health', method: 'GET' };
  if (raw === MESSAGES_PATH) return { kind: 'messages', method: 'POST', alias: DEFAULT_ALIAS };
  const prefix = `${MESSAGES_PATH}/`;
  if (!raw.startsWith(prefix)) return null;
  const segment = raw.slice(prefix.length);
  if (!SEGMENT.test(segment)) return null;
  const alias = parseAlias(segment);
  return { kind: 'messages', method: 'POST', alias: alias.ok ? alias.value : null };
}
