import { DEFAULT_OUTBOUND_TERMS } from '../core/grant.ts';
import { BY_TASK, parsePeerName, type Peer, type PeerName, type Replies } from '../core/peer.ts';
import { PEER_TOKEN } from '../digests.ts';
import { AgentPeerError, must } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock, Digests } from '../ports/machine.ts';
import type { PeerAdmin, RepliesWish } from '../ports/owner.ts';
import type { PairingStore } from '../ports/pairing-store.ts';
import type { EndedMessages, PeerStore } from '../ports/policy-store.ts';
import type { Tailnet, TailnetNode } from '../ports/tailnet.ts';
import { findNode } from './find-node.ts';
import { checkNotInvited } from './free-name.ts';
import { readExpiry } from './grant-wish.ts';
import { knownPeer } from './known-peer.ts';
import { newPeer } from './new-peer.ts';
import { readReplies } from './replies-wish.ts';

export interface PeerAdminParts {
  readonly peers: PeerStore;
  readonly pairings: Pick<PairingStore, 'listInvites'>;
  readonly tailnet: Pick<Tailnet, 'status'>;
  readonly digests: Digests;
  readonly clock: Clock;
  readonly log: Log;
  /** The peer can do nothing any more; what it has open is to be cut. */
  readonly onRevoked: (peer: Peer, ended: EndedMessages) => void;
  /** It may do nothing for a while, or nobody may: what goes on is to be stopped. Answers how many turns were. */
  readonly onPaused: (peer: Peer | null) => number;
  readonly onResumed: (peer: Peer | null) => void;
  /** What waits for this peer may go now. */
  readonly onChanged: (peer: PeerName) => void;
}

function taken(what: string, fix: string): AgentPeerError {
  return new AgentPeerError('peer-exists', what, fix);
}

/** Throws AgentPeerError `peer-exists`. The name of a revoked peer is free, and that of an open invite is not. */
export function checkNewName(parts: PeerAdminParts, name: PeerName): void {
  const before = parts.peers.findPeer(name);
  if (before !== null && before.state !== 'revoked')
    throw taken(`there is a peer called "${name}" already`, 'Choose another name');
  checkNotInvited(parts, name);
}

/** Throws AgentPeerError `peer-exists`. */
export function checkFreeNode(peers: PeerStore, { nodeId }: TailnetNode, but?: PeerName): void {
  const peer = peers.listPeers().find((one) => one.nodeId === nodeId && one.state !== 'revoked');
  if (peer === undefined || peer.name === but) return;
  throw taken(`that node is the peer "${peer.name}" already`, 'Use that peer');
}

export async function addPeer(
  parts: PeerAdminParts,
  rawName: string,
  rawNode: string,
  { expiresInMs, replies: wish = BY_TASK }: { readonly expiresInMs?: number; readonly replies?: RepliesWish },
): ReturnType<PeerAdmin['add']> {
  const { peers, tailnet, digests, clock, log } = parts;
  const replies = readReplies(wish);
  const name = must('input-invalid', parsePeerName(rawName));
  checkNewName(parts, name);
  const node = findNode(rawNode, await tailnet.status());
  checkNewName(parts, name);
  checkFreeNode(peers, node);
  const expiresAt = expiresInMs === undefined ? null : readExpiry(expiresInMs, clock.now());
  const { peer, token } = newPeer(digests, node, { name, state: 'active', expiresAt }, replies);
  peers.addPeer(peer);
  log.info('peer-added', { peer: name, nodeId: node.nodeId, login: node.login, replyMode: replies.mode });
  return { peer, token };
}

/** Storing a peer's token is the owner's word that agents of this machine may write there; a word said before stands. */
function allowOutbound({ peers, log }: PeerAdminParts, peer: PeerName): void {
  if (peers.listGrants(peer).some(({ direction }) => direction === 'outbound')) return;
  peers.putGrant({ direction: 'outbound', peer, alias: 'any', ...DEFAULT_OUTBOUND_TERMS });
  log.info('grant-put', { direction: 'outbound', peer, alias: 'any' });
}

/** The owner of an OpenClaw makes up the tokens of its A2A channel: whatever can stand in a header, and cannot be guessed. */
const CHANNEL_TOKEN = /^[\x21-\x7e]{16,512}$/;

function checkForm(token: string, { mode }: Replies, fix: string): void {
  if (mode === 'task' && !PEER_TOKEN.test(token))
    throw new AgentPeerError('input-invalid', 'that is not a peer token (apt_…)', fix);
  if (!CHANNEL_TOKEN.test(token))
    throw new AgentPeerError(
      'input-invalid',
      'that is no token: 16 to 512 visible ASCII characters without spaces',
      fix,
    );
}

/** Both directions have a token, and the two are easily mixed up when they are passed on by hand. */
export function storeToken(parts: PeerAdminParts, rawName: string, rawToken: string): void {
  const { peers, digests, log } = parts;
  const { name, state, replies } = knownPeer(peers, rawName);
  if (state === 'revoked') {
    throw new AgentPeerError(
      'peer-not-active',
      `"${name}" was revoked`,
      'Pair anew: agent-peer invite create',
    );
  }
  const token = rawToken.trim();
  const fix = `Paste the token that the owner of "${name}" made for this stack`;
  checkForm(token, replies, fix);
  const digest = digests.token(token);
  if (
    peers.listPeers().some(({ tokenDigest, overlap }) => tokenDigest === digest || overlap?.digest === digest)
  ) {
    throw new AgentPeerError(
      'input-invalid',
      'that is a token made here, for a peer to present to this stack',
      fix,
    );
  }
  peers.putOutboundToken(name, token);
  log.info('peer-token-stored', { peer: name });
  allowOutbound(parts, name);
  parts.onChanged(name);
}
