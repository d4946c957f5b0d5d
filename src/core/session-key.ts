import type { Brand } from './brand.ts';
import { parsed, problem, type Parsed } from './parsed.ts';
import { storedForm } from './session-key-form.ts';
import { kindOfSegments, objectionTo, type SessionKeyKind } from './session-key-kind.ts';

/**
 * A gateway session key in the form in which the gateway stores it: `agent:<agentId>:<rest>`, lower case but for the
 * ids of Signal groups and Matrix rooms. Two of them are equal exactly when they name one session, except that a
 * gateway without an agent called `main`, or with a `session.mainKey` or `session.scope` of its own, has more than one
 * name for a main session.
 */
export type SessionKey = Brand<string, 'SessionKey'>;

export interface SessionKeyOptions {
  /** The owner says that a session of a special kind is meant. */
  readonly special?: boolean | undefined;
}

const AGENT_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const PLAIN_SEGMENT = /^[a-z0-9][a-z0-9._@+-]*$/;
/** Ids that other networks made: `-100123`, `+3161234`, base64 of a Signal group, `!room`, `#list`, `19:x@thread.v2`. */
const FOREIGN_SEGMENT = /^[A-Za-z0-9!#$&*+./;=@_~-]+$/;
const MAX_LENGTH = 256;

const FIX =
  'Use agent:<agent id>:<name>, for example agent:main:peer-bob; `agent-peer aliases` shows those in use';
const SPECIAL_FIX = `${FIX}. If this very session is meant, say --special`;

const BARE_UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What is wrong with a key that begins with no agent: the gateway would find one, by rules that may change. */
function bareProblem(key: string): string {
  if (BARE_UUID.test(key)) return 'is a session id, which a reset of the session may replace';
  const objection = objectionTo(kindOfSegments(key.split(':')));
  if (objection?.waivable === false) return objection.what;
  return 'is not a full session key';
}

/** Null for a key without a malformed segment. */
function segmentProblem(rest: readonly string[], kind: SessionKeyKind): string | null {
  const segment = kind === 'channel' || kind === 'thread' ? FOREIGN_SEGMENT : PLAIN_SEGMENT;
  if (!rest.every((word) => segment.test(word))) return 'has an empty or odd segment';
  return rest[0] === 'agent' ? 'has a second agent inside' : null;
}

/**
 * Reads what an owner typed as the session behind an alias. A peer never sends a session key, so this is the only
 * way one enters the system. Deciding on any other form than the one that the gateway uses would let two spellings
 * name one session, or one spelling another session than the owner sees.
 */
export function parseSessionKey(
  raw: string,
  where = 'session key',
  { special = false }: SessionKeyOptions = {},
): Parsed<SessionKey> {
  const key = storedForm(raw);
  if (key.length === 0 || key.length > MAX_LENGTH) {
    return problem(where, `must have 1 to ${MAX_LENGTH} characters`, FIX);
  }
  const [scheme, agentId, ...rest] = key.split(':');
  if (scheme !== 'agent') return problem(where, bareProblem(key), FIX);
  if (agentId === undefined || rest.length === 0) return problem(where, 'is not a full session key', FIX);
  if (!AGENT_ID.test(agentId)) return problem(where, 'has a malformed agent id', FIX);
  const kind = kindOfSegments(rest);
  const malformed = segmentProblem(rest, kind);
  if (malformed !== null) return problem(where, malformed, FIX);
  const objection = objectionTo(kind);
  if (objection === null || (special && objection.waivable)) return parsed(key as SessionKey);
  return problem(where, objection.what, objection.waivable ? SPECIAL_FIX : FIX);
}

/** What the session is, for a word of warning before it is offered. */
export function sessionKeyKind(key: SessionKey): SessionKeyKind {
  return kindOfSegments(key.split(':').slice(2));
}

/** True for an agent's main session, where the owner talks: worth a warning before it is offered. */
export function isMainSession(key: SessionKey): boolean {
  return sessionKeyKind(key) === 'main';
}

/** The agent whose session it is. */
export function agentIdOf(key: SessionKey): string {
  return key.split(':')[1] ?? '';
}
