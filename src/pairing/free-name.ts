import { stageOf } from '../core/pairing.ts';
import type { PeerName } from '../core/peer.ts';
import { AgentPeerError } from '../errors.ts';
import type { Clock } from '../ports/machine.ts';
import type { InviteState } from '../ports/pairing.ts';
import type { InviteRecord, PairingStore } from '../ports/pairing-store.ts';
import type { PeerStore } from '../ports/policy-store.ts';

export function inviteStateOf(invite: InviteRecord, now: number): InviteState {
  if (invite.cancelled) return 'cancelled';
  if (invite.claimedBy !== null) return 'used';
  return now < invite.expiresAt ? 'open' : 'expired';
}

/**
 * Whoever uses an open invite gets its name: it can be nobody else's until then. Throws AgentPeerError `peer-exists`.
 */
export function checkNotInvited(
  { pairings, clock }: { readonly pairings: Pick<PairingStore, 'listInvites'>; readonly clock: Clock },
  name: PeerName,
): void {
  const now = clock.now();
  const open = pairings.listInvites().find((one) => one.peer === name && inviteStateOf(one, now) === 'open');
  if (open === undefined) return;
  const fix = `Choose another name, or first: agent-peer invite cancel ${open.id}`;
  throw new AgentPeerError('peer-exists', `an open invite has the name "${name}"`, fix);
}

/** A pairing that waits can be begun anew; a peer can not. Throws AgentPeerError `peer-exists`. */
export function checkNameFree(
  {
    peers,
    pairings,
  }: { readonly peers: Pick<PeerStore, 'findPeer'>; readonly pairings: Pick<PairingStore, 'find'> },
  name: PeerName,
): void {
  const peer = peers.findPeer(name);
  if (peer === null || peer.state === 'revoked') return;
  const pairing = pairings.find(name);
  if (pairing !== null && stageOf(pairing) === 'waiting') return;
  const fix = `Choose another name, or first: agent-peer peers revoke ${name}`;
  throw new AgentPeerError('peer-exists', `there is a peer called "${name}" already`, fix);
}
