import type { Peer } from '../core/peer.ts';
import { AgentPeerError } from '../errors.ts';
import type { PauseAdmin, Pauses } from '../ports/owner.ts';
import { knownPeer } from './known-peer.ts';
import type { PeerAdminParts } from './peers-by-hand.ts';

type PauseParts = Pick<PeerAdminParts, 'peers' | 'log' | 'onPaused' | 'onResumed'>;

/** Throws AgentPeerError `peer-not-active` for one that a pause has no meaning for: it would make a peer of it. */
function pausable({ peers }: PauseParts, raw: string): Peer {
  const peer = knownPeer(peers, raw);
  if (peer.state === 'revoked') {
    const fix = 'Pair anew: agent-peer invite create';
    throw new AgentPeerError('peer-not-active', `"${peer.name}" was revoked, and may do nothing`, fix);
  }
  if (peer.state === 'provisional') {
    const what = `the pairing with "${peer.name}" is not complete, so it may do nothing yet`;
    const fix = `To complete it: agent-peer peers confirm ${peer.name}; to end it: agent-peer peers revoke ${peer.name}`;
    throw new AgentPeerError('peer-not-active', what, fix);
  }
  return peer;
}

function pauses({ peers }: PauseParts): Pauses {
  const paused = peers.listPeers().filter(({ state }) => state === 'paused');
  return { isPaused: peers.isPaused(), pausedPeers: paused.map(({ name }) => name) };
}

/** What is written first is what everybody is judged by; only then is what goes on stopped, so that nothing begins anew. */
export function createPauseAdmin(parts: PauseParts): PauseAdmin {
  const { peers, log, onPaused, onResumed } = parts;
  return {
    pauses: () => pauses(parts),
    pause: (raw) => {
      const peer = raw === undefined ? null : pausable(parts, raw);
      if (peer === null) peers.setPaused(true);
      else peers.pause(peer.name);
      const turns = onPaused(peer);
      log.warn('paused', { peer: peer?.name ?? 'all', turnsStopped: turns });
      return { ...pauses(parts), turnsStopped: turns };
    },
    resume: (raw) => {
      const peer = raw === undefined ? null : pausable(parts, raw);
      if (peer === null) peers.setPaused(false);
      else peers.resume(peer.name);
      log.warn('resumed', { peer: peer?.name ?? 'all' });
      onResumed(peer);
      return pauses(parts);
    },
  };
}
