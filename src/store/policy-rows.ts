import { parseAlias } from '../core/alias.ts';
import {
  isGrantOperation,
  isHold,
  type Grant,
  type GrantOperation,
  type Hold,
  type InboundGrant,
  type OutboundGrant,
} from '../core/grant.ts';
import type { Parsed } from '../core/parsed.ts';
import {
  BY_TASK,
  isPeerState,
  parseNodeId,
  parsePeerName,
  parseTokenDigest,
  type OverlapToken,
  type Peer,
  type Replies,
} from '../core/peer.ts';
import { parseSessionKey, type SessionKey } from '../core/session-key.ts';
import type { AgentPeerError } from '../errors.ts';
import { PUT_BACK, storageUnavailable } from './storage-errors.ts';

/** A row as SQLite gives it: of the right types, by its STRICT tables, and otherwise anything. */
export interface PeerRow {
  readonly name: string;
  readonly nodeId: string;
  readonly login: string;
  readonly tokenDigest: string;
  readonly state: string;
  readonly expiresAt: number | null;
  readonly overlapDigest: string | null;
  readonly overlapUntil: number | null;
  readonly replyMode: string;
  readonly port: number | null;
}

export interface GrantRow {
  readonly direction: string;
  readonly peer: string;
  readonly alias: string;
  readonly sessionKey: string | null;
  readonly operations: string | null;
  readonly sendsPerMinute: number | null;
  readonly hold: string;
  readonly replySession: string | null;
  readonly expiresAt: number | null;
}

/** Half a policy may allow what the whole one forbids: one row that makes no sense, and there is no policy. */
export function unreadable(what: string): AgentPeerError {
  return storageUnavailable(`the policy is unreadable: ${what}`, `Nobody is let in. ${PUT_BACK}`);
}

export function must<T>(result: Parsed<T>): T {
  if (result.ok) return result.value;
  throw unreadable(`${result.problem.where} ${result.problem.what}`);
}

function readOverlap({ overlapDigest, overlapUntil }: PeerRow): OverlapToken | null {
  if (overlapDigest === null) return null;
  return { digest: must(parseTokenDigest(overlapDigest)), until: overlapUntil };
}

function readReplies({ replyMode, port }: PeerRow): Replies {
  if (replyMode === 'task' && port === null) return BY_TASK;
  if (replyMode === 'send-back' && port !== null) return { mode: replyMode, port };
  throw unreadable('how a peer gets its replies');
}

export function readPeer(row: PeerRow): Peer {
  const { name, nodeId, login, tokenDigest, state, expiresAt } = row;
  if (!isPeerState(state)) throw unreadable(`a peer's state`);
  return {
    name: must(parsePeerName(name)),
    nodeId: must(parseNodeId(nodeId)),
    login,
    tokenDigest: must(parseTokenDigest(tokenDigest)),
    overlap: readOverlap(row),
    state,
    expiresAt,
    replies: readReplies(row),
  };
}

function readHold(raw: string): Hold {
  if (isHold(raw)) return raw;
  throw unreadable(`a grant's hold`);
}

function readOperations(raw: string | null): readonly GrantOperation[] {
  const words = (raw ?? '').split(' ').filter((word) => word !== '');
  const operations = words.filter(isGrantOperation);
  if (operations.length !== words.length) throw unreadable(`a grant's operations`);
  return operations;
}

function readSessionKey(raw: string): SessionKey {
  const key = must(parseSessionKey(raw, 'session key', { special: true }));
  if (key !== raw) throw unreadable('a session key that is not canonical');
  return key;
}

function readInbound(row: GrantRow): InboundGrant {
  const key = readSessionKey(row.sessionKey ?? '');
  return {
    direction: 'inbound',
    peer: must(parsePeerName(row.peer)),
    alias: must(parseAlias(row.alias)),
    sessionKey: key,
    operations: readOperations(row.operations),
    sendsPerMinute: row.sendsPerMinute,
    hold: readHold(row.hold),
    expiresAt: row.expiresAt,
  };
}

function readOutbound({ peer, alias, hold, replySession, expiresAt }: GrantRow): OutboundGrant {
  return {
    direction: 'outbound',
    peer: must(parsePeerName(peer)),
    alias: alias === 'any' ? 'any' : must(parseAlias(alias)),
    hold: readHold(hold),
    replySession: replySession === null ? null : readSessionKey(replySession),
    expiresAt,
  };
}

/** Throws AgentPeerError `storage-unavailable` with what makes no sense. */
export function readGrant(row: GrantRow): Grant {
  if (row.direction === 'inbound') return readInbound(row);
  if (row.direction === 'outbound') return readOutbound(row);
  throw unreadable(`a grant's direction`);
}
