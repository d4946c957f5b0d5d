import { setTimeout as sleep } from 'node:timers/promises';
import { stageOf } from '../core/pairing.ts';
import type { Peer, PeerName } from '../core/peer.ts';
import { AgentPeerError } from '../errors.ts';
import type { Invites, PairingProgress, PairingView, TokenRotation } from '../ports/pairing.ts';
import type { PairingRecord } from '../ports/pairing-store.ts';
import { beginAccept, claimOnce, skewWarning } from './accept-invite.ts';
import { inboundGrants } from './grant-warnings.ts';
import { knownPeer } from './known-peer.ts';
import { createInviteMaker } from './make-invites.ts';
import type { PairingParts } from './parts.ts';
import type { PairingWorker } from './pairing-worker.ts';
import { beginRotation, isRotating } from './rotation.ts';

const ROTATION_WAIT_MS = 8_000;
const LOOK_MS = 50;

const COMPLETE: PairingProgress = {
  stage: 'complete',
  ownConfirmed: true,
  otherConfirmed: true,
  offered: null,
  expiresAt: null,
};

function progressOf(record: PairingRecord): PairingProgress {
  const { ownConfirmed, otherConfirmed, offered } = record;
  const stage = stageOf(record);
  const expiresAt = stage === 'waiting' ? record.expiresAt : null;
  return { stage, ownConfirmed, otherConfirmed, offered, expiresAt };
}

async function viewOf({ peers, pairings, tailnet }: PairingParts, peer: Peer): Promise<PairingView> {
  const { peers: nodes } = await tailnet.status();
  const record = pairings.find(peer.name);
  return {
    ...(record === null ? COMPLETE : progressOf(record)),
    peer,
    node: nodes.find(({ nodeId }) => nodeId === peer.nodeId) ?? null,
    grants: inboundGrants(peers.listGrants(peer.name)),
  };
}

async function confirm(parts: PairingParts, worker: PairingWorker, raw: string): Promise<PairingView> {
  const { peers, pairings, log, reach } = parts;
  const peer = knownPeer(peers, raw);
  if (peer.state === 'revoked') {
    const fix = 'Pair anew: agent-peer invite create';
    throw new AgentPeerError('peer-not-active', `"${peer.name}" was revoked`, fix);
  }
  if (peer.state === 'paused') {
    peers.resume(peer.name);
    parts.onChanged(peer.name);
  }
  if (pairings.find(peer.name) !== null) {
    pairings.update(peer.name, (facts) => ({ ...facts, ownConfirmed: true }));
    reach('confirm-stored');
    await worker.now(peer.name);
  }
  log.info('peer-confirmed', { peer: peer.name, nodeId: peer.nodeId, login: peer.login });
  return viewOf(parts, knownPeer(peers, raw));
}

/** What an owner does to get a peer, on either side. */
export function createInvites(parts: PairingParts, worker: PairingWorker): Invites {
  const { peers, clock } = parts;
  return {
    ...createInviteMaker(parts),
    accept: async (wish) => {
      const { record, warnings } = await beginAccept(parts, wish);
      const answer = await claimOnce(parts, record, new AbortController().signal);
      await worker.now(record.peer);
      const view = await viewOf(parts, knownPeer(peers, record.peer));
      // Who agrees at once may be complete already, and no longer know it.
      return {
        ...view,
        offered: answer.offers,
        warnings: [...warnings, ...skewWarning(answer, clock.now())],
      };
    },
    confirm: (raw) => confirm(parts, worker, raw),
    view: (raw) => viewOf(parts, knownPeer(peers, raw)),
    underWay: () => new Map(parts.pairings.list().map((record) => [record.peer, progressOf(record)])),
  };
}

async function untilTold(parts: PairingParts, name: PeerName): Promise<boolean> {
  const deadline = performance.now() + ROTATION_WAIT_MS;
  while (isRotating(parts, name) && performance.now() < deadline) await sleep(LOOK_MS);
  return !isRotating(parts, name);
}

export function createTokenRotation(parts: PairingParts, worker: PairingWorker): TokenRotation {
  return {
    rotate: async (raw) => {
      const name = beginRotation(parts, raw);
      const before = parts.peers.outboundToken(name);
      await worker.now(name);
      const isAnswered = parts.peers.outboundToken(name) !== before;
      const isTold = isAnswered && (await untilTold(parts, name));
      parts.log.info(isTold ? 'peer-tokens-rotated' : 'peer-token-rotation-pending', { peer: name });
      return isTold ? 'complete' : 'pending';
    },
  };
}
