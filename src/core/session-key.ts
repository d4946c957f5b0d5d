import type { Brand } from './brand.ts';
import { parsed, problem, type Parsed } from './parsed.ts';

/** A gateway session key in the gateway's own canonical form: `agent:<agentId>:<rest>`, lower case. */
export type SessionKey = Brand<string, 'SessionKey'>;

const AGENT_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const REST_SEGMENT = /^[a-z0-9][a-z0-9._@+-]*$/;
const MAX_LENGTH = 256;

/**
 * First segments after the agent id that the gateway owns: a turn there runs as a sub-agent, a cron job, a hook or
 * a harness, not in a conversation that the owner offered.
 */
const SYSTEM_OWNED = new Set([
  'acp',
  'cron',
  'hook',
  'node',
  'subagent',
  'global',
  'unknown',
  'current',
  'incognito',
]);

/** `<channel>:direct|group|channel:<id>` carries a delivery route: a peer let in there could write to other people. */
const ROUTED = new Set(['direct', 'dm', 'group', 'channel', 'thread', 'topic']);

const FIX =
  'Use agent:<agent id>:<name>, for example agent:main:peer-bob; `agent-peer aliases` shows those in use';

function restProblem(segments: readonly string[], where: string): ReturnType<typeof problem> | null {
  const [first = ''] = segments;
  if (segments.some((segment) => !REST_SEGMENT.test(segment))) {
    return problem(where, 'has an empty or odd segment', FIX);
  }
  if (SYSTEM_OWNED.has(first)) return problem(where, `"${first}" sessions belong to the gateway`, FIX);
  if (segments.some((segment) => ROUTED.has(segment))) {
    return problem(where, 'a channel session carries a route to other people', FIX);
  }
  return null;
}

/**
 * Reads what an owner typed as the session behind an alias. A peer never sends a session key, so this is the only
 * way one enters the system. The gateway trims and lower-cases keys; deciding on any other form than the one that is
 * used would let two spellings name one session.
 */
export function parseSessionKey(raw: string, where = 'session key'): Parsed<SessionKey> {
  const canonical = raw.normalize('NFC').trim().toLowerCase();
  if (canonical.length === 0 || canonical.length > MAX_LENGTH) {
    return problem(where, `must have 1 to ${MAX_LENGTH} characters`, FIX);
  }
  const [scheme, agentId, ...rest] = canonical.split(':');
  if (scheme !== 'agent' || agentId === undefined || rest.length === 0) {
    return problem(where, 'is not a full session key', FIX);
  }
  if (!AGENT_ID.test(agentId)) return problem(where, 'has a malformed agent id', FIX);
  return restProblem(rest, where) ?? parsed(canonical as SessionKey);
}

/** True for an agent's main session, where the owner talks: worth a warning before it is offered. */
export function isMainSession(key: SessionKey): boolean {
  return key.split(':')[2] === 'main';
}
