import type { PeerName } from '../core/peer.ts';
import { newPeerToken } from '../digests.ts';
import { AgentPeerError } from '../errors.ts';
import { knownPeer } from './known-peer.ts';
import { tellNews } from './news.ts';
import type { PairingParts } from './parts.ts';

/** Makes the token that the peer is to present from now on. It is good beside the old one. Throws AgentPeerError. */
export function beginRotation(parts: PairingParts, raw: string): PeerName {
  const { peers, digests, clock, reach } = parts;
  const peer = knownPeer(peers, raw);
  if (peer.state !== 'active') {
    throw new AgentPeerError(
      'peer-not-active',
      `"${peer.name}" is ${peer.state}`,
      'Only tokens of an active peer are changed',
    );
  }
  if (peer.replies.mode === 'send-back') {
    throw new AgentPeerError(
      'input-invalid',
      `"${peer.name}" has no agent-peer that new tokens could be exchanged with`,
      `Revoke it and add it anew, with new tokens on both sides: agent-peer peers revoke ${peer.name}`,
    );
  }
  if (peers.outboundToken(peer.name) === null) {
    const what = `no token of "${peer.name}" is stored, so it cannot be told`;
    throw new AgentPeerError('peer-token-missing', what, `First: agent-peer peers token ${peer.name}`);
  }
  const token = newPeerToken();
  if (peers.overlap(peer.name, { token, digest: digests.token(token) }, clock.now()) === null) {
    const what = `the tokens of "${peer.name}" were changed less than a minute ago`;
    throw new AgentPeerError(
      'rotation-pending',
      what,
      'Requests with the old one may be under way: try again in a minute',
    );
  }
  reach('rotation-made');
  return peer.name;
}

/** True while the peer may not know the token that it is to present. */
export function isRotating({ peers }: Pick<PairingParts, 'peers'>, name: PeerName): boolean {
  return peers.findPeer(name)?.overlap?.until === null;
}

/**
 * Tells the peer its new token, stores the one that it answers with, and presents that at once, so that the peer can end
 * the old one. Asking again changes nothing: each side answers with the token that it has made until that was presented.
 * @returns false when the peer was not reached
 */
export async function rotateOnce(parts: PairingParts, name: PeerName, signal: AbortSignal): Promise<boolean> {
  const { peers, transport, reach, log } = parts;
  const peer = peers.findPeer(name);
  const [outbound, token] = [peers.outboundToken(name), peers.untold(name)];
  if (peer?.state !== 'active' || outbound === null || token === null) return true;
  reach('rotation-asked');
  const answer = await transport.send<'rotate'>(peer.nodeId, outbound, { type: 'rotate', token }, signal);
  reach('rotation-answered');
  if (answer.kind !== 'answered') {
    const detail = answer.kind === 'refused' ? answer.reason : answer.detail;
    log.info('rotation-waits', { peer: name, detail });
    return false;
  }
  if (answer.answer.token !== null) peers.putOutboundToken(name, answer.answer.token);
  reach('rotation-answer-stored');
  await tellNews(parts, name, signal);
  return true;
}
