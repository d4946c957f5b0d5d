import { parsePeerName, type Peer } from '../core/peer.ts';
import { AgentPeerError, must } from '../errors.ts';
import type { PeerStore } from '../ports/policy-store.ts';

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
