import { parseAlias } from '../core/alias.ts';
import { DEFAULT_OUTBOUND_TERMS, type InboundGrant, type OutboundGrant } from '../core/grant.ts';
import { parsePeerName } from '../core/peer.ts';
import { AgentPeerError, must } from '../errors.ts';
import type { GrantWish, OutboundWish, PeerAdmin, RepliesWish } from '../ports/owner.ts';
import { findNode } from './find-node.ts';
import { inboundGrants, warningsFor } from './grant-warnings.ts';
import { readExpiry, readHold, readReplySession, readWish } from './grant-wish.ts';
import { knownPeer } from './known-peer.ts';
import { createPauseAdmin } from './pause.ts';
import { addPeer, checkFreeNode, checkNewName, storeToken, type PeerAdminParts } from './peers-by-hand.ts';
import { readReplies } from './replies-wish.ts';

function grant({ peers, clock, log }: PeerAdminParts, wish: GrantWish) {
  const peer = knownPeer(peers, wish.peer);
  if (peer.state === 'revoked') throw notActive(peer.name);
  const given: InboundGrant = readWish(wish, peer.name, clock.now());
  const warnings = warningsFor(given, inboundGrants(peers.listGrants()));
  peers.putGrant(given);
  log.info('grant-put', { ...given });
  return { grant: given, warnings };
}

function notActive(name: string): AgentPeerError {
  return new AgentPeerError(
    'peer-not-active',
    `"${name}" was revoked`,
    'Pair anew: agent-peer invite create',
  );
}

function readOutboundAlias(raw: string): OutboundGrant['alias'] {
  return raw === 'any' ? 'any' : must('alias-invalid', parseAlias(raw));
}

function grantOutbound({ peers, clock, log }: PeerAdminParts, wish: OutboundWish): OutboundGrant {
  const { hold, replySession, special = false, expiresInMs } = wish;
  const peer = knownPeer(peers, wish.peer);
  if (peer.state === 'revoked') throw notActive(peer.name);
  const given: OutboundGrant = {
    direction: 'outbound',
    peer: peer.name,
    alias: readOutboundAlias(wish.alias),
    ...DEFAULT_OUTBOUND_TERMS,
    ...(hold === undefined ? {} : { hold: readHold(hold) }),
    ...(replySession === undefined ? {} : { replySession: readReplySession(replySession, special) }),
    ...(expiresInMs === undefined ? {} : { expiresAt: readExpiry(expiresInMs, clock.now()) }),
  };
  peers.putGrant(given);
  log.info('grant-put', { ...given });
  return given;
}

const removeGrant =
  ({ peers, log }: PeerAdminParts): PeerAdmin['removeGrant'] =>
  (rawPeer, rawAlias, direction) => {
    const peer = knownPeer(peers, rawPeer).name;
    const alias =
      direction === 'outbound' ? readOutboundAlias(rawAlias) : must('alias-invalid', parseAlias(rawAlias));
    if (!peers.removeGrant(direction, peer, alias)) {
      const what = `there is no ${direction} grant of "${peer}" for "${alias}"`;
      throw new AgentPeerError('grant-not-found', what, 'agent-peer grants list shows them all');
    }
    log.info('grant-removed', { direction, peer, alias });
  };

function rename(parts: PeerAdminParts, raw: string, rawTo: string) {
  const { peers, log } = parts;
  const peer = knownPeer(peers, raw);
  const to = must('input-invalid', parsePeerName(rawTo, 'new name'));
  if (peers.findPeer(to) !== null)
    throw new AgentPeerError('peer-exists', `there is, or was, a peer called "${to}"`, 'Choose another name');
  checkNewName(parts, to);
  peers.rename(peer.name, to);
  log.info('peer-renamed', { from: peer.name, peer: to });
  parts.onChanged(to);
  return knownPeer(peers, to);
}

async function rebind(
  { peers, tailnet, log, onChanged }: PeerAdminParts,
  raw: string,
  rawNode: string,
  dryRun: boolean,
) {
  const node = findNode(rawNode, await tailnet.status());
  const before = knownPeer(peers, raw);
  if (before.state === 'revoked') throw notActive(before.name);
  checkFreeNode(peers, node, before.name);
  const after = { ...before, nodeId: node.nodeId, login: node.login };
  if (!dryRun) {
    peers.rebind(before.name, node);
    onChanged(before.name);
    log.info('peer-rebound', {
      peer: before.name,
      from: before.nodeId,
      nodeId: node.nodeId,
      login: node.login,
    });
  }
  return { before, after };
}

function setReplies({ peers, log, onChanged }: PeerAdminParts, raw: string, wish: RepliesWish): void {
  const { name, state } = knownPeer(peers, raw);
  if (state === 'revoked') throw notActive(name);
  const replies = readReplies(wish);
  peers.setReplies(name, replies);
  log.info('reply-mode-set', { peer: name, ...replies });
  onChanged(name);
}

function revoke({ peers, clock, log, onRevoked }: PeerAdminParts, raw: string) {
  const before = knownPeer(peers, raw);
  const ended = peers.revoke(before.name, clock.now());
  const peer = knownPeer(peers, raw);
  log.warn('peer-revoked', { peer: peer.name, nodeId: peer.nodeId });
  onRevoked(peer, ended);
  return { peer, outbound: ended.outbox.length, inbound: ended.inbox.length };
}

/** What an owner does with peers and grants. */
export function createPeerAdmin(parts: PeerAdminParts): PeerAdmin {
  const { peers } = parts;
  const nameOf = (peer: string | undefined) => (peer === undefined ? undefined : knownPeer(peers, peer).name);
  const withToken = (peer: ReturnType<typeof knownPeer>) => ({
    ...peer,
    hasOutboundToken: peers.outboundToken(peer.name) !== null,
  });
  return {
    ...createPauseAdmin(parts),
    add: (name, node, expiresInMs, replies) =>
      addPeer(parts, name, node, {
        ...(expiresInMs === undefined ? {} : { expiresInMs }),
        ...(replies === undefined ? {} : { replies }),
      }),
    setReplies: (name, wish) => setReplies(parts, name, wish),
    storeToken: (name, token) => storeToken(parts, name, token),
    list: () => peers.listPeers().map(withToken),
    find: (name) => withToken(knownPeer(peers, name)),
    rename: (name, to) => rename(parts, name, to),
    rebind: (name, node, dryRun) => rebind(parts, name, node, dryRun),
    revoke: (name) => revoke(parts, name),
    grant: (wish) => grant(parts, wish),
    grants: (peer) => inboundGrants(peers.listGrants(nameOf(peer))),
    allGrants: (peer) => peers.listGrants(nameOf(peer)),
    grantOutbound: (wish) => grantOutbound(parts, wish),
    removeGrant: removeGrant(parts),
  };
}
