import type { Parsed } from '../core/parsed.ts';
import { parsePeerName, type Peer } from '../core/peer.ts';
import { AgentPeerError, fromProblem, type ErrorCode } from '../errors.ts';
import type { PeerStore } from '../ports/policy-store.ts';

export function must<T>(code: ErrorCode, result: Parsed<T>): T {
  if (result.ok) return result.value;
  throw fromProblem(code, result.problem);
}

/** Throws AgentPeerError `peer-not-found`. */
export function knownPeer(peers: Pick<PeerStore, 'findPeer'>, raw: string): Peer {
  const peer = peers.findPeer(must('peer-not-found', parsePeerName(raw)));
  if (peer !== null) return peer;
  throw new AgentPeerError(
    'peer-not-found',
    `no peer is called "${raw}"`,
    '`agent-peer peers list` shows them all',
  );
}
