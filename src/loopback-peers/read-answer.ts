import { Failure, refusalWord } from '../a2a/failure.ts';
import { REFUSAL_TABLE } from '../a2a/refusal-table.ts';
import { readNote } from '../core/hold.ts';
import type { PeerName } from '../core/peer.ts';
import { isRefusalReason } from '../core/refusal.ts';
import { parseStrictJson, type JsonValue } from '../core/strict-json.ts';
import { AgentPeerError } from '../errors.ts';
import type { PeerAnswer } from '../ports/peer-reads.ts';

function refused(peer: PeerName, said: string): AgentPeerError {
  const fix = `That is for the owner of "${peer}" to change, or its token here is old: agent-peer peers show ${peer}`;
  return new AgentPeerError('peer-refused', `"${peer}" refused it: ${said}`, fix);
}

function notUnderstood(peer: PeerName, what: string): AgentPeerError {
  const fix = 'What answers there may be no stack, or one of another version';
  return new AgentPeerError('peer-incompatible', `"${peer}" answered what is not understood: ${what}`, fix);
}

/** Null for what is no strict JSON in UTF-8. */
function decode(body: Buffer): JsonValue | undefined {
  const json = parseStrictJson(body.toString('utf8'), 'answer');
  return json.ok ? json.value : undefined;
}

/** In our own words where the peer's word is one of ours; else its own, on one line and marked as such. */
function refusalIn(json: JsonValue | undefined): string | null {
  const failure = Failure.safeParse(json);
  if (!failure.success) return null;
  const { data, message = '', code } = failure.data.error;
  const word = refusalWord(data);
  if (word !== null && isRefusalReason(word)) return `${word}: ${REFUSAL_TABLE[word].text}`;
  return `JSON-RPC ${code}, and says: "${readNote(message) ?? ''}"`;
}

/**
 * What a peer answered to a read, as JSON that has yet to be understood. Throws AgentPeerError `peer-refused` with what it
 * said, and `peer-incompatible` for what is no answer; a redirect is none, and is not followed.
 * @param statuses under which the answer itself comes
 */
export function readPeerAnswer(
  peer: PeerName,
  { status, body }: PeerAnswer,
  statuses: readonly number[],
): JsonValue {
  const json = decode(body);
  const said = refusalIn(json);
  if (said !== null) throw refused(peer, said);
  if (status === 401 || status === 403) throw refused(peer, `HTTP ${status}`);
  if (status >= 300 && status < 400) throw notUnderstood(peer, `a redirect, HTTP ${status}`);
  if (!statuses.includes(status)) throw notUnderstood(peer, `HTTP ${status}`);
  if (json === undefined) throw notUnderstood(peer, 'it is not JSON');
  return json;
}

/** By a schema that keeps only what it knows: nothing else of a peer's answer gets further. */
export function understood<T>(
  peer: PeerName,
  what: string,
  read: { readonly success: true; readonly data: T } | { readonly success: false },
): T {
  if (read.success) return read.data;
  throw notUnderstood(peer, `it is no ${what}`);
}
