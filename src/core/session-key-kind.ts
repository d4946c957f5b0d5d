/**
 * What a gateway takes a session to be, by its key alone. Read in OpenClaw 2026.9.6: where its own code knows a shape
 * by a prefix or a position, this takes the word anywhere it could stand, so that no key is plain here and owned there.
 */

/**
 * Kinds whose keys name one session that lasts as long as the gateway keeps it, and in which the gateway runs a turn
 * for a device that may write: refused unless the owner says that this very session is meant.
 */
const SPECIAL = {
  acp: 'is a session of an external agent (ACP): what is written there is work for a program outside the gateway',
  channel: 'carries a route to other people: a chat, a room or a call',
  cron: 'belongs to a scheduled job',
  dreaming: 'belongs to the gateway’s own memory work',
  heartbeat: 'belongs to the heartbeat and begins anew with each one',
  hook: 'belongs to a webhook',
  node: 'belongs to a paired device, where a person talks',
  plugin: 'belongs to a plugin’s conversation',
  subagent: 'belongs to a sub-agent and ends with its task',
  system: 'is where the gateway runs its own start-up turn',
  thread: 'is one thread of a conversation of other people',
  uuid: 'ends in a session id, as the keys that programs make up for one conversation do',
} as const;

/** Kinds that cannot stand for one lasting session, whatever the owner says. */
const UNNAMEABLE = {
  /** The session tools read it as the caller's own session, the `agent` method as a plain name: it means two things. */
  current: '"current" is another session for each caller, so no grant can name it',
  /**
   * The sentinel of `session.scope: "global"`, which all agents share. `agent:<id>:global` is its name in events, and a
   * session of its own in the store. Such a gateway turns every `agent:<id>:main` into it, so that one can be granted.
   */
  global: '"global" has no agent of its own, so no grant can name it; its name is agent:<agent id>:main',
  /** Held in memory alone: the grant would outlive it, and the same key then names another session. */
  incognito: 'an incognito session is gone when the gateway restarts, so no grant can name it',
  /** "Locked and cannot be replaced or shared": a turn in one that its program did not make is refused. */
  harness: 'a harness session is locked to its program and cannot be shared',
  /** Hidden from every request, and a turn in one is refused. */
  internal: 'the gateway hides this session, so no turn can reach it',
  /** The sentinel for conversations of an origin that nobody can tell; with an agent, where old ones of them went. */
  unknown: '"unknown" is no session of its own, so no grant can name it',
} as const;

export type SpecialKind = keyof typeof SPECIAL;
export type UnnameableKind = keyof typeof UNNAMEABLE;
/** `plain` is a name that somebody gave; `main` is where the owner talks. */
export type SessionKeyKind = 'plain' | 'main' | SpecialKind | UnnameableKind;

/** By the first segment after the agent id. */
const OWNERS: ReadonlyMap<string, SpecialKind | UnnameableKind> = new Map([
  ['acp', 'acp'],
  ['acp-bridge', 'acp'],
  ['boot', 'system'],
  ['cron', 'cron'],
  ['current', 'current'],
  ['global', 'global'],
  ['harness', 'harness'],
  ['hook', 'hook'],
  ['internal-session-effects', 'internal'],
  ['node', 'node'],
  ['plugin-binding', 'plugin'],
  ['subagent', 'subagent'],
  ['unknown', 'unknown'],
  ['voice', 'channel'],
]);
const OWNER_PREFIXES = [
  ['dreaming-narrative-', 'dreaming'],
  ['node-', 'node'],
] as const;

/** `<channel>:[<account>:]direct|dm|group|channel|room:<id>`, `telegram:group:<id>:topic:<id>`, and the bare old forms. */
const ROUTE_WORDS = new Set(['channel', 'direct', 'dm', 'group', 'room', 'topic']);
/** How WhatsApp groups and Discord channels were written before. */
const OLD_ROUTE = /@g\.us$|^guild-/;
const INCOGNITO = /^incognito(?:-|$)/;
const ENDS_IN_UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function ownerOf(first: string): SpecialKind | UnnameableKind | null {
  const byPrefix = OWNER_PREFIXES.find(([prefix]) => first.startsWith(prefix));
  return OWNERS.get(first) ?? byPrefix?.[1] ?? null;
}

/** @param words the segments after the agent id, in the form in which the gateway stores them */
export function kindOfSegments(words: readonly string[]): SessionKeyKind {
  if (words.some((word) => INCOGNITO.test(word))) return 'incognito';
  const owner = ownerOf(words[0] ?? '');
  if (owner !== null) return owner;
  if (words.length === 1 && words[0] === 'main') return 'main';
  if (words.includes('heartbeat')) return 'heartbeat';
  if (words.includes('thread')) return 'thread';
  if (words.some((word) => ROUTE_WORDS.has(word) || OLD_ROUTE.test(word))) return 'channel';
  return words.some((word) => ENDS_IN_UUID.test(word)) ? 'uuid' : 'plain';
}

/** What speaks against a grant to a session of this kind. */
export interface Objection {
  /** Ends a sentence whose subject is the key. */
  readonly what: string;
  /** True when the owner can say that the session is meant all the same. */
  readonly waivable: boolean;
}

/** Null for a session that can be granted without another word. */
export function objectionTo(kind: SessionKeyKind): Objection | null {
  if (kind === 'plain' || kind === 'main') return null;
  return kind in UNNAMEABLE
    ? { what: UNNAMEABLE[kind as UnnameableKind], waivable: false }
    : { what: SPECIAL[kind as SpecialKind], waivable: true };
}
