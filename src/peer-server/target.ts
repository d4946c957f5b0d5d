import { DEFAULT_ALIAS, parseAlias, type Alias } from '../core/alias.ts';
import {
  AGENT_CARD_PATH,
  HEALTH_PATH,
  MESSAGES_PATH,
  PAIR_PATH,
  TOOLS_INVOKE_PATH,
} from '../core/peer-wire.ts';

/** What a request target names here. Nothing else has a name. */
export type Target =
  /** `alias` is null for a name that cannot be one: to be refused like an alias that was not granted. */
  | { readonly surface: 'a2a'; readonly method: 'POST'; readonly alias: Alias | null }
  | { readonly surface: 'tools-invoke'; readonly method: 'POST' }
  | { readonly surface: 'agent-card'; readonly method: 'GET' }
  | { readonly surface: 'pair'; readonly method: 'POST' }
  | { readonly surface: 'health'; readonly method: 'GET' };

const FIXED: ReadonlyMap<string, Target> = new Map<string, Target>([
  [MESSAGES_PATH, { surface: 'a2a', method: 'POST', alias: DEFAULT_ALIAS }],
  [TOOLS_INVOKE_PATH, { surface: 'tools-invoke', method: 'POST' }],
  [AGENT_CARD_PATH, { surface: 'agent-card', method: 'GET' }],
  [PAIR_PATH, { surface: 'pair', method: 'POST' }],
  [HEALTH_PATH, { surface: 'health', method: 'GET' }],
]);

/** Nothing in it can be decoded, normalised or split in two ways. */
const SEGMENT = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Reads the request target as it came, before anything decodes or tidies it: `..`, `//`, `%2f`, `;`, a query, a
 * fragment, the absolute form and `*` are all just unknown.
 */
export function readTarget(raw: string): Target | null {
  const fixed = FIXED.get(raw);
  if (fixed !== undefined) return fixed;
  const prefix = `${MESSAGES_PATH}/`;
  if (!raw.startsWith(prefix)) return null;
  const segment = raw.slice(prefix.length);
  if (!SEGMENT.test(segment)) return null;
  const alias = parseAlias(segment);
  return { surface: 'a2a', method: 'POST', alias: alias.ok ? alias.value : null };
}
