import type { Parsed } from './parsed.ts';
import { parseSessionKey, sessionKeyKind, type SessionKey } from './session-key.ts';
import { objectionTo, type SessionKeyKind } from './session-key-kind.ts';

declare const proof: unique symbol;

/**
 * The session that a call comes from. A caller can name any session, so the gateway has said that a turn runs in this one
 * now; nothing else makes one.
 */
export interface AttestedSession {
  readonly sessionKey: SessionKey;
  readonly [proof]: true;
}

/** Reads the session that a call says it comes from. Whatever can run a turn can call, so the special kinds count as well. */
export function parseCallingSession(raw: string): Parsed<SessionKey> {
  return parseSessionKey(raw, 'session', { special: true });
}

/** @param isRunning what the gateway says now; null when it is not so */
export function attested(sessionKey: SessionKey, isRunning: boolean): AttestedSession | null {
  return isRunning ? ({ sessionKey } as AttestedSession) : null;
}

/** Made by another session for a task of its own, and so told what that one read. */
const SPAWNED: ReadonlySet<SessionKeyKind> = new Set(['acp', 'subagent']);

/** The session whose own reading tells how far a chain has come; null where only a guess over all sessions can. */
export function readerOf(session: AttestedSession | null): SessionKey | null {
  if (session === null) return null;
  return SPAWNED.has(sessionKeyKind(session.sessionKey)) ? null : session.sessionKey;
}

/**
 * What speaks against a reply in the calling session; null when nothing does. A reply is a turn, so the same sessions are
 * closed to it as to a grant, but for the one that the owner listed: a key that leads to other people, or a session that is
 * gone before the reply comes, is nothing that an agent may choose.
 */
export function replyObjection({ sessionKey }: AttestedSession, listed: SessionKey | null): string | null {
  if (sessionKey === listed) return null;
  return objectionTo(sessionKeyKind(sessionKey))?.what ?? null;
}
