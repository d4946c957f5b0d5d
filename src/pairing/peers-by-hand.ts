import type { InboundGrant } from '../core/grant.ts';
import { parsePeerName, type Peer, type PeerName } from '../core/peer.ts';
import { newPeerToken } from '../digests.ts';
import { AgentPeerError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock, Digests } from '../ports/machine.ts';
import type { GrantWish, PeerAdmin } from '../ports/owner.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import type { Tailnet, TailnetNode } from '../ports/tailnet.ts';
import { findNode } from './find-node.ts';
import { warningsFor } from './grant-warnings.ts';
import { readWish } from './grant-wish.ts';
import { knownPeer, must } from './known-peer.ts';

export interface PeerAdminParts {
  readonly peers: PeerStore;
  readonly tailnet: Pick<Tailnet, 'status'>;
  readonly digests: Digests;
  readonly clock: Clock;
  readonly log: Log;
}

const TOKEN = /^apt_[A-Za-z0-9_-]{43}$/;

function checkFree(peers: PeerStore, name: PeerName, node?: TailnetNode): void {
  for (const peer of peers.listPeers()) {
    if (peer.name === name) {
      throw new AgentPeerError(
        'peer-exists',
        `there is a peer called "${name}" already`,
        'Choose another name',
      );
    }
    if (peer.nodeId === node?.nodeId && peer.state === 'active') {
      throw new AgentPeerError(
        'peer-exists',
        `that node is the peer "${peer.name}" already`,
        'Use that peer',
      );
    }
  }
}

async function add({ peers, tailnet, digests, log }: PeerAdminParts, rawName: string, rawNode: string) {
  const name = must('input-invalid', parsePeerName(rawName));
  checkFree(peers, name);
  const node = findNode(rawNode, await tailnet.status());
  checkFree(peers, name, node);
  const token = newPeerToken();
  const peer: Peer = {
    name,
    nodeId: node.nodeId,
    login: node.login,
    tokenDigest: digests.token(token),
    state: 'active',
    expiresAt: null,
  };
  peers.addPeer(peer);
  log.info('peer-added', { peer: name, nodeId: node.nodeId, login: node.login });
  return { peer, token };
}

/** Storing a peer's token is the owner's word that agents of this machine may write there; a word said before stands. */
function allowOutbound({ peers, log }: PeerAdminParts, peer: PeerName): void {
  if (peers.listGrants(peer).some(({ direction }) => direction === 'outbound')) return;
  peers.putGrant({ direction: 'outbound', peer, alias: 'any', hold: 'none', expiresAt: null });
  log.info('grant-put', { direction: 'outbound', peer, alias: 'any' });
}

/** Both directions have a token, and the two are easily mixed up when they are passed on by hand. */
function storeToken(parts: PeerAdminParts, rawName: string, rawToken: string): void {
  const { peers, digests, log } = parts;
  const { name } = knownPeer(peers, rawName);
  const token = rawToken.trim();
  const fix = `Paste the token that the owner of "${name}" made for this stack`;
  if (!TOKEN.test(token)) throw new AgentPeerError('input-invalid', 'that is not a peer token (apt_…)', fix);
  const digest = digests.token(token);
  if (peers.listPeers().some(({ tokenDigest }) => tokenDigest === digest)) {
    throw new AgentPeerError(
      'input-invalid',
      'that is a token made here, for a peer to present to this stack',
      fix,
    );
  }
  peers.putOutboundToken(name, token);
  log.info('peer-token-stored', { peer: name });
  allowOutbound(parts, name);
}

function inboundGrants(peers: PeerStore, peer?: PeerName): readonly InboundGrant[] {
  return peers.listGrants(peer).filter((grant) => grant.direction === 'inbound');
}

function grant({ peers, clock, log }: PeerAdminParts, wish: GrantWish) {
  const given = readWish(wish, knownPeer(peers, wish.peer).name, clock.now());
  const warnings = warningsFor(given, inboundGrants(peers));
  peers.putGrant(given);
  log.info('grant-put', { ...given });
  return { grant: given, warnings };
}

/** Pairing without an invitation: each owner names the other's node, and the two tokens are passed on by hand. */
export function createPeerAdmin(parts: PeerAdminParts): PeerAdmin {
  const { peers } = parts;
  return {
    add: (name, node) => add(parts, name, node),
    storeToken: (name, token) => storeToken(parts, name, token),
    list: () =>
      peers
        .listPeers()
        .map((peer) => ({ ...peer, hasOutboundToken: peers.outboundToken(peer.name) !== null })),
    grant: (wish) => grant(parts, wish),
    grants: (peer) => inboundGrants(peers, peer === undefined ? undefined : knownPeer(peers, peer).name),
  };
}
